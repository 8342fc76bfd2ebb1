"""What the panel costs Redmine's issue page: the same page of the same ticket, in turn with and without it."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import requests

from devtools.people import Person
from devtools.redmine import RedmineInstance
from devtools.stack import Stack
from tests.live.service import Service

ROUNDS = 80
WARMING = 15


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def logged_in(redmine: RedmineInstance, person: Person) -> requests.Session:
    """A browser's session, as far as a server can tell."""
    session = requests.Session()
    page = session.get(f"{redmine.url}/login", timeout=60).text
    token = re.search(r'name="authenticity_token" value="([^"]+)"', page)
    assert token is not None
    form = {"username": person.login, "password": person.password, "authenticity_token": token[1]}
    session.post(f"{redmine.url}/login", data=form, timeout=60).raise_for_status()
    return session


def write_state(redmine: RedmineInstance, issue: int, data: str) -> None:
    """Put a state in the plugin's table, as a commit does."""
    with contextlib.closing(sqlite3.connect(redmine.database, timeout=30)) as database, database:
        database.execute("UPDATE sop_states SET data = ? WHERE issue_id = ?", (data, issue))


def seconds(session: requests.Session, url: str, *, shown: bool) -> float:
    """How long the page takes."""
    began = time.perf_counter()
    page = session.get(url, timeout=60).content
    spent = time.perf_counter() - began
    assert (b"sop-panel" in page) is shown
    return spent


def measure() -> tuple[float, float]:
    """The page's time with and without the panel, in seconds, of a ticket in its last step.

    Of all times the shortest tenth counts, so that what else the machine does is left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack.create(
            Path(folder),
            redmine_port=free_port(),
            connector_port=free_port(),
            smtp_port=free_port(),
            webhooks=False,
        )
        with stack.mail, stack.redmine.running():
            stack.provision()
            stack.populate()
            service = Service(stack)
            application = service.here()
            walker, _ = service.ticket(application)
            service.advance(application, walker, "penutupan")
            state = service.state(walker.issue)
            application.store.close()
            session = logged_in(stack.redmine, walker.people["helpdesk"][0])
            url = f"{stack.redmine.url}/issues/{walker.issue}"
            bodies = {True: json.dumps(state), False: json.dumps(state | {"panel": {}})}
            times: dict[bool, list[float]] = {True: [], False: []}
            for turn in range(ROUNDS + WARMING):
                for shown, body in bodies.items():
                    write_state(stack.redmine, walker.issue, body)
                    spent = seconds(session, url, shown=shown)
                    if turn >= WARMING:
                        times[shown].append(spent)
        stack.destroy()
    return _shortest(times[True]), _shortest(times[False])


def _shortest(times: list[float]) -> float:
    return statistics.quantiles(times, n=10)[0]


def main() -> None:
    """Print both, and what lies between them."""
    shown, bare = measure()
    print(
        f"the issue page with the panel {shown * 1000:.1f} ms, without it {bare * 1000:.1f} ms: "
        f"{(shown - bare) * 1000:.1f} ms for the panel",
        flush=True,
    )


if __name__ == "__main__":
    main()
