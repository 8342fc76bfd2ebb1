"""Requests and requesters' actions: stored with their files before anything else, emptied once Redmine has them."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from connector.engine.snapshot import RequesterAction, Submission, SubmittedFile
from connector.errors import NotFoundError
from connector.ports import Ticket, Upload
from connector.store.connection import Connections
from connector.store.numbers import SqlNumbers
from connector.store.outbox import SqlOutbox
from connector.store.queue import SqlQueue
from connector.store.tables import actions, files, submissions


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
        uploads: Sequence[Upload],
        ticket: Callable[[str], Ticket],
    ) -> Submission:
        """Store a request, its files, its number, its mail and its job in one transaction."""
        earlier = self._where(submissions.c.nonce == nonce)
        if earlier is not None:
            return earlier
        ref = str(uuid.uuid4())
        try:
            with self._db.write() as connection:
                number = self._numbers.next_in(connection, prefix, year)
                made = ticket(number)
                connection.execute(
                    submissions.insert().values(
                        id=ref,
                        nonce=nonce,
                        procedure=procedure,
                        number=number,
                        received=received,
                        token_hash=made.token_hash,
                        fields=dict(fields),
                    )
                )
                _keep(connection, uploads, submission=ref)
                if made.mail is not None:
                    self._outbox.send_in(connection, made.mail, now=received)
                self._queue.put_in(connection, f"submission:{ref}", now=received)
        except IntegrityError:
            # the same form was sent twice at once, and the other one was first
            earlier = self._where(submissions.c.nonce == nonce)
            if earlier is None:
                raise
            return earlier
        stored = self.submission(ref)
        if stored is None:
            raise NotFoundError(ref)
        return stored

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""
        return self._where(submissions.c.id == submission_id)

    def by_number(self, number: str) -> Submission | None:
        """One submission by ticket number."""
        return self._where(submissions.c.number == number)

    def content(self, ref: str) -> bytes | None:
        """The content of a stored file."""
        with self._db.read() as connection:
            return connection.execute(select(files.c.content).where(files.c.ref == ref)).scalar_one_or_none()

    def forwarded(self, submission_id: str, issue: int) -> None:
        """It became an issue: what it held is in Redmine now and is deleted here."""
        with self._db.write() as connection:
            connection.execute(delete(files).where(files.c.submission == submission_id))
            connection.execute(
                update(submissions).where(submissions.c.id == submission_id).values(issue=issue, fields={})
            )

    def renumber(
        self, submission_id: str, *, prefix: str, year: int, ticket: Callable[[str], Ticket]
    ) -> Submission:
        """Give a submission the next number, and send its mail anew."""
        with self._db.write() as connection:
            number = self._numbers.next_in(connection, prefix, year)
            made = ticket(number)
            row = connection.execute(
                update(submissions)
                .where(submissions.c.id == submission_id)
                .values(number=number, token_hash=made.token_hash)
                .returning(submissions.c.received)
            ).one()
            if made.mail is not None:
                self._outbox.send_in(connection, made.mail, now=row.received)
        stored = self.submission(submission_id)
        if stored is None:
            raise NotFoundError(submission_id)
        return stored

    # actions ------------------------------------------------------------------------------------------------

    def add_action(
        self, action: RequesterAction, uploads: Sequence[Upload], *, issue: int | None, now: dt.datetime
    ) -> bool:
        """Store an action with its files and put its job; False if its key is known."""
        with self._db.write() as connection:
            added = connection.execute(
                self._db.insert(actions)
                .values(
                    key=action.key,
                    number=action.number,
                    at=action.at,
                    kind=action.kind,
                    step=action.step,
                    outcome=action.outcome,
                    fields=dict(action.fields),
                    remark=action.remark,
                    done=False,
                )
                .on_conflict_do_nothing()
                .returning(actions.c.key)
            )
            if added.first() is None:
                return False
            _keep(connection, uploads, action=action.key)
            job = f"issue:{issue}" if issue is not None else self._job_of(connection, action.number)
            if job is not None:
                self._queue.put_in(connection, job, now=now)
            return True

    def pending_actions(self, number: str) -> Sequence[RequesterAction]:
        """Actions not yet applied, oldest first."""
        query = select(actions).where(actions.c.number == number, actions.c.done.is_(False))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(actions.c.at, actions.c.key)).all()
            return tuple(
                RequesterAction(
                    key=row.key,
                    kind=row.kind,
                    number=row.number,
                    at=row.at,
                    step=row.step,
                    outcome=row.outcome,
                    fields=row.fields,
                    remark=row.remark,
                    files=_kept(connection, action=row.key),
                )
                for row in rows
            )

    def actions_done(self, keys: Iterable[str]) -> None:
        """They were applied: contents are deleted, keys kept."""
        wanted = list(keys)
        if not wanted:
            return
        with self._db.write() as connection:
            connection.execute(delete(files).where(files.c.action.in_(wanted)))
            connection.execute(
                update(actions).where(actions.c.key.in_(wanted)).values(done=True, fields={}, remark="")
            )

    # inside -------------------------------------------------------------------------------------------------

    def _where(self, condition: Any) -> Submission | None:
        with self._db.read() as connection:
            row = connection.execute(select(submissions).where(condition)).one_or_none()
            return _submission(connection, row) if row is not None else None

    @staticmethod
    def _job_of(connection: Connection, number: str) -> str | None:
        query = select(submissions.c.id, submissions.c.issue).where(submissions.c.number == number)
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return f"submission:{row.id}" if row.issue is None else f"issue:{row.issue}"


def _keep(
    connection: Connection,
    uploads: Sequence[Upload],
    *,
    submission: str | None = None,
    action: str | None = None,
) -> None:
    for position, upload in enumerate(uploads):
        connection.execute(
            files.insert().values(
                ref=str(uuid.uuid4()),
                submission=submission,
                action=action,
                position=position,
                field=upload.field,
                name=upload.filename,
                content_type=upload.content_type,
                size=len(upload.content),
                sha256=hashlib.sha256(upload.content).hexdigest(),
                content=upload.content,
            )
        )


def _kept(
    connection: Connection, *, submission: str | None = None, action: str | None = None
) -> tuple[SubmittedFile, ...]:
    columns = [files.c.ref, files.c.field, files.c.name, files.c.content_type, files.c.size, files.c.sha256]
    owner = files.c.submission == submission if submission else files.c.action == action
    rows = connection.execute(select(*columns).where(owner).order_by(files.c.position))
    return tuple(SubmittedFile(**row._asdict()) for row in rows)


def _submission(connection: Connection, row: Row[Any]) -> Submission:
    return Submission(
        id=row.id,
        procedure=row.procedure,
        number=row.number,
        received=row.received,
        token_hash=row.token_hash,
        fields=row.fields,
        files=_kept(connection, submission=row.id),
        issue=row.issue,
    )
