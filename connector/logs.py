"""Log lines: one JSON object each, or readable ones on a terminal. They carry ids, never personal data or secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

#: The secret in a requester's link, wherever an address is quoted.
SECRET_LINK = re.compile(r"([?&]t=)[A-Za-z0-9_-]+")


def without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A last net: no secret of a link is written, not even from a library's line or a traceback."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = SECRET_LINK.sub(r"\1…", value)
    return event


def configure(level: int = logging.INFO) -> None:
    """Send every logger of the process through structlog to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    readable = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    # the console draws tracebacks itself
    tracebacks = [] if readable else [structlog.processors.format_exc_info]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, *tracebacks, without_secrets],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("apscheduler", "alembic", "urllib3", "waitress", "fontTools"):
        logging.getLogger(name).setLevel(logging.WARNING)
