"""On PYTHONPATH of a program under libfaketime: sleeping works there.

libfaketime 0.9.10 (Debian 12, 13) takes the faked time from the absolute monotonic instant that Python's `time.sleep`
gives to `clock_nanosleep`: EINVAL. See `devtools.moved_clock`.
"""
# ruff: noqa: INP001 - a folder for PYTHONPATH, no package

from __future__ import annotations

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex, /) -> None:
    select.select((), (), (), float(seconds))


time.sleep = _sleep
