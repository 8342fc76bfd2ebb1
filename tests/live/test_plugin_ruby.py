"""The plugin's own Ruby tests, run inside a private Redmine."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from devtools.redmine import RedmineError, RedmineInstance

PLUGIN = Path(__file__).resolve().parents[2] / "webhooks" / "redmine_sop"


@pytest.mark.live
def test_plugin_ruby(tmp_path: Path) -> None:
    """They need no server, only Redmine's code and a migrated database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    instance = RedmineInstance.create(tmp_path / "redmine", port=port, plugin=PLUGIN)
    try:
        printed = instance.test_plugin()
    except RedmineError as error:
        pytest.fail(str(error), pytrace=False)
    summary = re.search(r"(\d+) runs, (\d+) assertions, 0 failures, 0 errors, (\d+) skips", printed)
    assert summary, printed
    assert int(summary[1]) >= 70, printed
    assert summary[3] == "0", printed
