"""Programs under a clock that is moved while they run: they see its time, and wait in real time."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devtools.moved_clock import MovedClock
from devtools.redmine import RUBY

#: Each waits a fifth of a second for somebody to come, sleeps as long, and says what time it is.
PYTHON = """
import sys, threading, time
for line in sys.stdin:
    threading.Event().wait(0.2)
    time.sleep(0.2)
    print(time.time(), flush=True)
"""
RUBY_PROGRAM = """
while $stdin.gets
  Mutex.new.then { |mutex| mutex.synchronize { ConditionVariable.new.wait(mutex, 0.2) } }
  sleep 0.2
  puts Time.now.to_f
  $stdout.flush
end
"""
IDUL_FITRI = dt.datetime(2026, 3, 21, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", PYTHON), (RUBY, "-e", RUBY_PROGRAM)], ids=["python", "ruby"]
)
def test_a_program_follows_the_clock_and_waits_in_real_time(tmp_path: Path, command: tuple[str, ...]) -> None:
    clock = MovedClock(tmp_path, IDUL_FITRI)
    with subprocess.Popen(
        command, env=dict(clock.environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin
        assert program.stdout
        for instant in (IDUL_FITRI, IDUL_FITRI + dt.timedelta(days=14), IDUL_FITRI - dt.timedelta(days=1)):
            clock.set(instant)
            began = time.monotonic()
            program.stdin.write("\n")
            program.stdin.flush()
            seen = dt.datetime.fromtimestamp(float(program.stdout.readline()), dt.UTC)
            took = time.monotonic() - began
            assert 0.35 < took < 20
            assert abs((seen - instant).total_seconds() - took) < 1
        program.stdin.close()
    assert clock.now() < IDUL_FITRI


def test_it_is_so_much_later_for_all(tmp_path: Path) -> None:
    clock = MovedClock(tmp_path, IDUL_FITRI)
    clock.advance(days=2, minutes=3)
    later = clock.now() - IDUL_FITRI
    assert dt.timedelta(days=2, minutes=3) <= later < dt.timedelta(days=2, minutes=4)
