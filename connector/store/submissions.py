"""Requests and requesters' actions: stored with their files before anything else, emptied once Redmine has them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, delete, select, update

from connector.engine.snapshot import RequesterAction, Submission
from connector.engine.state import PORTAL
from connector.errors import NotFoundError
from connector.ports import Ticket
from connector.store.connection import Connections
from connector.store.files import claim, forget, kept
from connector.store.numbers import SqlNumbers
from connector.store.outbox import SqlOutbox
from connector.store.queue import SqlQueue
from connector.store.tables import actions, drafts, submissions
from connector.store.tables import files as stored

#: What the tables keep of the types.
_SUBMISSION = ("id", "procedure", "number", "received", "token_hash", "fields", "issue", "origin")
_ACTION = ("key", "kind", "number", "at", "step", "outcome", "fields", "remark", "role", "address")


class SqlSubmissions:
    """Implements `connector.ports.Submissions`."""

    def __init__(
        self, connections: Connections, queue: SqlQueue, outbox: SqlOutbox, numbers: SqlNumbers
    ) -> None:
        self._db = connections
        self._queue = queue
        self._outbox = outbox
        self._numbers = numbers

    def submit(
        self,
        *,
        nonce: str,
        procedure: str,
        prefix: str,
        received: dt.datetime,
        year: int,
        fields: Mapping[str, str],
        files: Sequence[str],
        ticket: Callable[[str], Ticket],
        origin: str = PORTAL,
    ) -> Submission:
        """Store a request, its files, its number, its mail and its job in one transaction; its draft goes."""
        earlier = self._where(submissions.c.nonce == nonce)
        if earlier is not None:
            self._forget_held(nonce)
            return earlier
        try:
            with self._db.write() as connection:
                number = self._numbers.next_in(connection, prefix, year)
                made = ticket(number)
                row = {
                    "nonce": nonce,
                    "procedure": procedure,
                    "number": number,
                    "received": received,
                    "token_hash": made.token_hash,
                    "fields": dict(fields),
                    "origin": origin,
                }
                ref = self._add(connection, row)
                claim(connection, nonce, files, submission=ref)
                forget(connection, stored.c.held == nonce)
                connection.execute(delete(drafts).where(drafts.c.key == nonce))
                if made.mail is not None:
                    self._outbox.send_in(connection, made.mail, now=received)
                self._queue.put_in(connection, f"submission:{ref}", now=received)
                return _one(connection, submissions.c.id == ref)
        except _SeenError:
            self._forget_held(nonce)
            with self._db.read() as connection:
                return _one(connection, submissions.c.nonce == nonce)

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""
        return self._where(submissions.c.id == submission_id)

    def by_number(self, number: str) -> Submission | None:
        """One submission by ticket number."""
        return self._where(submissions.c.number == number)

    def by_nonce(self, nonce: str) -> Submission | None:
        """What was made of a form, by the form's key."""
        return self._where(submissions.c.nonce == nonce)

    def forwarded(self, submission_id: str, issue: int) -> None:
        """It became an issue: what it held is in Redmine now and is deleted here."""
        with self._db.write() as connection:
            forget(connection, stored.c.submission == submission_id)
            connection.execute(
                update(submissions).where(submissions.c.id == submission_id).values(issue=issue, fields={})
            )

    def renumber(
        self, submission_id: str, *, prefix: str, year: int, ticket: Callable[[str], Ticket]
    ) -> Submission:
        """Give a submission the next number, and send its mail anew. What its requester did goes along."""
        with self._db.write() as connection:
            before = _one(connection, submissions.c.id == submission_id)
            number = self._numbers.next_in(connection, prefix, year)
            made = ticket(number)
            connection.execute(
                update(submissions)
                .where(submissions.c.id == submission_id)
                .values(number=number, token_hash=made.token_hash)
            )
            # only this submission's: the old number is that of another ticket, which may have actions too
            connection.execute(
                update(actions).where(actions.c.submission == submission_id).values(number=number)
            )
            if made.mail is not None:
                self._outbox.send_in(connection, made.mail, now=before.received)
            return _one(connection, submissions.c.id == submission_id)

    # actions ------------------------------------------------------------------------------------------------

    def add_action(
        self, action: RequesterAction, files: Sequence[str], *, issue: int | None, now: dt.datetime
    ) -> bool:
        """Store an action with the files held under its key, and put its job; False if its key is known."""
        with self._db.write() as connection:
            owner = None
            if issue is None:
                owner, issue = _owner(connection, action.number)
            values = action.model_dump(include=set(_ACTION)) | {"fields": dict(action.fields)}
            added = connection.execute(
                self._db.insert(actions)
                .values(**values, submission=owner, done=False)
                .on_conflict_do_nothing()
                .returning(actions.c.key)
            )
            known = added.first() is None
            if not known:
                claim(connection, action.key, files, action=action.key)
            forget(connection, stored.c.held == action.key)
            if known:
                return False
            job = f"submission:{owner}" if issue is None else f"issue:{issue}"
            self._queue.put_in(connection, job, now=now)
            return True

    def pending_actions(self, number: str) -> Sequence[RequesterAction]:
        """Actions not yet applied, oldest first."""
        query = select(actions).where(actions.c.number == number, actions.c.done.is_(False))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(actions.c.at, actions.c.key)).all()
            return tuple(
                RequesterAction(
                    **{name: getattr(row, name) for name in _ACTION},
                    files=kept(connection, stored.c.action == row.key),
                )
                for row in rows
            )

    def actions_done(self, keys: Iterable[str]) -> None:
        """They were applied: contents are deleted, keys kept."""
        wanted = list(keys)
        if not wanted:
            return
        with self._db.write() as connection:
            forget(connection, stored.c.action.in_(wanted))
            connection.execute(
                update(actions)
                .where(actions.c.key.in_(wanted))
                .values(done=True, fields={}, remark="", address="")
            )

    # inside -------------------------------------------------------------------------------------------------

    def _forget_held(self, nonce: str) -> None:
        """The form was sent before: what came with it this time is there already."""
        with self._db.write() as connection:
            forget(connection, stored.c.held == nonce)

    def _where(self, condition: ColumnElement[bool]) -> Submission | None:
        with self._db.read() as connection:
            return _find(connection, condition)

    def _add(self, connection: Connection, row: Mapping[str, object]) -> str:
        ref = str(uuid.uuid4())
        added = connection.execute(
            self._db.insert(submissions)
            .values(id=ref, **row)
            .on_conflict_do_nothing(index_elements=[submissions.c.nonce])
            .returning(submissions.c.id)
        )
        if added.first() is None:
            raise _SeenError
        return ref


class _SeenError(Exception):
    """The same form was sent twice at once, and the other one was first: roll back, the number too."""


def _owner(connection: Connection, number: str) -> tuple[str, int | None]:
    """The submission of a number and its issue, locked: `forwarded` waits and sees the action, or we see the issue."""
    query = select(submissions.c.id, submissions.c.issue).where(submissions.c.number == number)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError("tidak ada pengajuan dengan nomor ini")
    return row.id, row.issue


def _find(connection: Connection, condition: ColumnElement[bool]) -> Submission | None:
    row = connection.execute(select(submissions).where(condition)).one_or_none()
    if row is None:
        return None
    values = {name: getattr(row, name) for name in _SUBMISSION}
    return Submission(**values, files=kept(connection, stored.c.submission == row.id))


def _one(connection: Connection, condition: ColumnElement[bool]) -> Submission:
    found = _find(connection, condition)
    if found is None:
        raise NotFoundError("pengajuan tidak ada")
    return found
