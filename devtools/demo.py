"""`make demo`: a Redmine with everything in it, the connector, and a first ticket walked from the form to closed."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from connector.engine.words import instant_words
from connector.sop.model import FieldDef, FieldType, OutputKind, Procedure, Step
from connector.sop.table import is_requesters
from devtools.mail import text_of
from devtools.people import RefusedByRedmine, procedure_of, wait_until
from devtools.redmine import PortTakenError, RedmineError, require_free_port
from devtools.requester import Requester
from devtools.stack import ROOT, ConnectorError, Stack
from devtools.walk import EXAMPLES, PDF, Walker, example, main_way

FOLDER = ROOT / "var" / "demo"
READY = FOLDER / "demo.json"
PROCEDURE = "unj/permohonan-layanan-teknis"
SMTP_PORT = 2525


def main() -> int:
    """Run the demo until it is interrupted. Exit 1: it could not be set up, with the reason in one line."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    READY.unlink(missing_ok=True)
    ports = {
        name: int(os.environ.get(name, default))
        for name, default in (
            ("REDMINE_PORT", "3000"),
            ("CONNECTOR_PORT", "8000"),
            ("SMTP_PORT", str(SMTP_PORT)),
        )
    }
    try:
        for port in ports.values():
            require_free_port(port)
        with _interruptible():
            _demo(ports)
    except (PortTakenError, RedmineError, ConnectorError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped")
    return 0


def _demo(ports: dict[str, int]) -> None:
    began = time.monotonic()
    for part in ("redmine", "mail", "documents"):
        shutil.rmtree(FOLDER / part, ignore_errors=True)
    for leftover in FOLDER.glob("connector.*"):
        leftover.unlink()
    _say("making a Redmine with the plugin")
    stack = Stack.create(
        FOLDER,
        redmine_port=ports["REDMINE_PORT"],
        connector_port=ports["CONNECTOR_PORT"],
        smtp_port=ports["SMTP_PORT"],
        poll_seconds="5",
    )
    with stack.running():
        _say(f"up: Redmine at {stack.redmine.url}, portal at {stack.connector.url}/layanan")
        walk(stack)
        _write_ready(stack)
        _say(f"ready after {time.monotonic() - began:.0f} s; who can log in is in {READY.relative_to(ROOT)}")
        _say("Ctrl-C stops everything")
        while True:
            time.sleep(3600)


# the first ticket ---------------------------------------------------------------------------------------------


def walk(stack: Stack) -> int:
    """Walk a ticket through every step, each by its role's own user; the issue's id."""
    procedure = procedure_of(stack.catalogue, PROCEDURE)
    requester = Requester()
    link, number = submit(stack, procedure, requester)
    issue = issue_of(stack, number)
    walker = Walker(
        procedure=procedure,
        issue=issue,
        url=stack.redmine.url,
        people=stack.people[procedure.profile],
        keys=stack.keys,
        today=dt.datetime.now(ZoneInfo("Asia/Jakarta")).date(),
    )
    walker.wait_for(procedure.first_step.status or "")
    for step in procedure.steps:
        if step.status is None:
            who = f"{EXAMPLES['nama_pemohon']} (pemohon)" if step.roles else "-"
            _line(step, who, "formulir dikirim" if step.roles else "tonggak")
    for step, outcome in main_way(procedure):
        if is_requesters(procedure, step):
            confirm(requester, link, step, procedure, walker.today)
            walker.wait_for(walker.target(step, outcome))
            _line(step, f"{EXAMPLES['nama_pemohon']} (pemohon)", step.outcomes[outcome].label)
        else:
            person = walker.people[walker.holder(step)][0]
            walker.forward(step, outcome)
            _line(step, f"{person.name} ({walker.holder(step)})", step.outcomes[outcome].label)
    _look(stack, walker, number)
    return issue


def submit(
    stack: Stack, procedure: Procedure, requester: Requester, *, today: dt.date | None = None, **answers: str
) -> tuple[str, str]:
    """Send the public form; the secret link from the mail, and the ticket's number. `answers` by field id."""
    page = requester.open(f"{stack.connector.url}/layanan/{procedure.key}")
    fields = {field.id: field for field in procedure.fields}
    asked = [fields[name] for name in procedure.form.fields] if procedure.form else []
    today = today or dt.datetime.now(dt.UTC).date()
    values = {field.id: example(field, today) for field in asked if field.type is not FieldType.FILE}
    values |= answers
    answer = requester.send(page, values, _files(asked))
    answer.raise_for_status()
    number = answer.url.rpartition("/")[2].partition("?")[0]
    mail = stack.mail.wait_for(values["email_pemohon"], lambda each: number in str(each["Subject"]))
    link = next(word for word in text_of(mail).split() if f"/lacak/{number}?t=" in word)
    return link, number


def issue_of(stack: Stack, number: str) -> int:
    """The issue of a ticket number, once the worker has made it."""
    found: list[int] = []

    def there() -> bool:
        try:
            found.append(stack.admin.get(f"/sop/tickets/{number}.json")["issue"]["id"])
        except RefusedByRedmine:
            return False
        return True

    wait_until(f"an issue for {number}", there)
    return found[0]


def confirm(requester: Requester, link: str, step: Step, procedure: Procedure, today: dt.date) -> None:
    """The requester opens his link and answers what his step asks: the survey, or papers he signed."""
    page = requester.open(link)
    fields = {field.id: field for field in procedure.fields}
    asked = [fields[output.id] for output in step.outputs if output.kind is not OutputKind.DOCUMENT]
    values = {field.id: example(field, today) for field in asked if field.type is not FieldType.FILE}
    values |= {name: "4 Sangat baik" for name in values if name.startswith("u")}
    requester.send(page, values, _files(asked)).raise_for_status()


def _files(asked: Iterable[FieldDef]) -> dict[str, tuple[str, bytes, str]]:
    return {
        field.id: (f"{field.id}.pdf", PDF, "application/pdf")
        for field in asked
        if field.type is FieldType.FILE
    }


def _look(stack: Stack, walker: Walker, number: str) -> None:
    """Look at what came of it: state, documents, mails, history. Anything missing is an error."""
    procedure = walker.procedure
    end = next(end for end in procedure.ends if end.success)
    walker.wait_for(end.status)
    wait_until("the ticket's state ends", lambda: _ended(stack, walker.issue) == end.id)
    read = _all_made(stack, walker)
    made = {walker.keys[_field_key(procedure, each.id)] for each in procedure.documents}
    documents = FOLDER / "documents"
    documents.mkdir(exist_ok=True)
    for file in read["files"]:
        if file["field_id"] in made:
            content = stack.admin.download(file["id"])
            (documents / file["filename"]).write_bytes(content)
            _say(f"document: var/demo/documents/{file['filename']} ({len(content)} bytes)")
    for message in stack.mail.to(EXAMPLES["email_pemohon"]):
        _say(f"mail to the requester: {message['Subject']}")
    _say(f"mails in all: {len(stack.mail.messages())}, in var/demo/mail/")
    _say(f"history: {len(read['journals'])} entries, {stack.redmine.url}/issues/{walker.issue}")
    _say(f"{number}: {end.title}")


def _all_made(stack: Stack, walker: Walker) -> dict[str, Any]:
    """The ticket when every document of its procedure is at it; a document is made after the move that asks for it."""
    names = {
        walker.keys[_field_key(walker.procedure, each.id)]: each.id for each in walker.procedure.documents
    }
    read: dict[str, Any] = {}

    def there() -> bool:
        read.update(stack.admin.get(f"/sop/issues/{walker.issue}.json"))
        return names.keys() <= {file["field_id"] for file in read["files"]}

    try:
        wait_until("every document is made", there)
    except TimeoutError as error:
        missing = sorted(
            name for key, name in names.items() if key not in {f["field_id"] for f in read["files"]}
        )
        raise ConnectorError(f"not made: {', '.join(missing)}") from error
    return read


def _ended(stack: Stack, issue: int) -> str | None:
    state = stack.admin.get(f"/sop/issues/{issue}.json")["state"]
    ended: str | None = state["data"].get("ended")
    return ended


def _field_key(procedure: Procedure, field_id: str) -> str:
    found = procedure.field(field_id)
    if found is None:
        raise LookupError(field_id)
    return found.key


# telling ------------------------------------------------------------------------------------------------------


def _write_ready(stack: Stack) -> None:
    users = {
        profile: {
            role: [{"login": p.login, "password": p.password, "api_key": p.api_key} for p in people]
            for role, people in roles.items()
        }
        for profile, roles in stack.people.items()
    }
    content = {
        "redmine_url": stack.redmine.url,
        "connector_url": stack.connector.url,
        "admin": stack.redmine.admin,
        "webhook_secret": stack.webhook_secret,
        "users": users,
        "projects": {org.id: org.project.identifier for org in stack.catalogue.organizations},
    }
    part = READY.with_suffix(".part")
    part.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.rename(READY)


def _line(step: Step, who: str, what: str) -> None:
    when = instant_words(dt.datetime.now(dt.UTC), ZoneInfo("Asia/Jakarta")).partition("pukul ")[2]
    print(f"  {step.no:>3}. {step.title:<38} {who:<44} {what:<34} {when}", flush=True)


def _say(text: str) -> None:
    print(f"demo: {text}", flush=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let `kill` stop the demo as Ctrl-C does, so that nothing is left running."""

    def told(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGHUP, told)
    yield


if __name__ == "__main__":
    raise SystemExit(main())
