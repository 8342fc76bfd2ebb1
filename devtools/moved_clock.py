"""A wall clock for several programs at once that a test moves while they run: libfaketime and a file with an offset.

    clock = MovedClock(folder, dt.datetime(2026, 3, 13, 15, 59, tzinfo=jakarta))
    redmine.start(env=clock.environment)
    clock.set(monday)

What was tried with Debian's libfaketime 0.9.10, Python 3.11 and Ruby 3.1:

- The file holds an offset in seconds, so the clock runs, at its usual pace, and is the same for all. An absolute time
  (`2026-03-13 15:59:00`) stands still: a service whose next try is two seconds from now never comes to it. `@…` counts
  from the start of each process: two processes, two clocks.
- The monotonic clock is not faked, so waits, timeouts and pools take their real time and a jump ends none of them. If
  it is faked, Python's `Event.wait` never returns (https://github.com/wolfcw/libfaketime/issues/390).
- `time.sleep` fails then with EINVAL: `devtools/faketime/sitecustomize.py` mends it.
- Where the monotonic clock is not faked, timed waits for a condition come back at once unless the "fix" is off: Ruby
  waits again, so all is right, but Redmine does nothing else any more (a page took 0.6 s instead of 0.02 s).
- Without the cache the file is read at each look at the clock, so a jump is seen by all at once; that costs little.
- Files keep the real time of their last change. PostgreSQL is not under it: the connector brings its instants along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

#: Below /usr/lib, by architecture. The variant for programs with threads: one of them reads the file at a time.
LIBRARY = "*/faketime/libfaketimeMT.so.1"
SHIM = Path(__file__).with_name("faketime")


class FaketimeMissingError(RuntimeError):
    """libfaketime is not installed: `devtools/setup.sh test` installs it."""


class MovedClock:
    """The programs started with `environment` see this clock, which runs from `now` on."""

    def __init__(self, folder: Path, now: dt.datetime) -> None:
        found = next(Path("/usr/lib").glob(LIBRARY), None)
        if found is None:
            raise FaketimeMissingError("apt-get install libfaketime")
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder.resolve() / "clock"
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(SHIM),
        }
        self.set(now)

    def set(self, instant: dt.datetime) -> None:
        """It is `instant` now, for all."""
        self._offset = instant - dt.datetime.now(dt.UTC)
        part = self._file.with_suffix(".part")
        part.write_text(f"{self._offset.total_seconds():+f}", encoding="ascii")
        part.rename(self._file)

    def advance(self, **later: float) -> None:
        """It is so much later now: `advance(days=2)`."""
        self.set(self.now() + dt.timedelta(**later))

    def now(self) -> dt.datetime:
        """The instant that the programs see, in UTC."""
        return dt.datetime.now(dt.UTC) + self._offset
