"""Forms that wait: to be finished later, or for the code that proves the address."""

from __future__ import annotations

import datetime as dt
import hmac

from sqlalchemy import ColumnElement, Row, delete, select, update

from connector.ports import Code, Draft, OutgoingMail
from connector.store.connection import Connections
from connector.store.files import forget
from connector.store.outbox import SqlOutbox
from connector.store.tables import drafts, files

_DRAFT = ("key", "procedure", "fields", "token_hash", "expires")


class SqlDrafts:
    """Implements `connector.ports.Drafts`."""

    def __init__(self, connections: Connections, outbox: SqlOutbox) -> None:
        self._db = connections
        self._outbox = outbox

    def save(self, draft: Draft, mail: OutgoingMail, *, now: dt.datetime, code: Code | None = None) -> None:
        """Keep a form as it is now, its held files as long as itself, and send its mail."""
        row = {name: getattr(draft, name) for name in _DRAFT} | {"fields": dict(draft.fields)}
        if code is not None:
            row |= {"code_hash": code.hash, "code_until": code.until, "code_tries": 0, "codes": code.nth}
        insert = self._db.insert(drafts).values(row)
        with self._db.write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=[drafts.c.key], set_=row))
            connection.execute(
                update(files).where(files.c.held == draft.key).values(held_until=draft.expires)
            )
            self._outbox.send_in(connection, mail, now=now)

    def draft(self, key: str, *, now: dt.datetime) -> Draft | None:
        """A draft by its form's key."""
        return self._where(drafts.c.key == key, now)

    def by_token(self, token_hash: str, *, now: dt.datetime) -> Draft | None:
        """A draft by the hash of its link's secret."""
        return self._where(drafts.c.token_hash == token_hash, now)

    def codes(self, key: str) -> int:
        """How many codes were sent for a form."""
        with self._db.read() as connection:
            found = connection.execute(select(drafts.c.codes).where(drafts.c.key == key))
            return found.scalar_one_or_none() or 0

    def proves(self, key: str, code_hash: str, *, now: dt.datetime, tries: int) -> bool:
        """Whether this is the code that was sent. Each try counts; after `tries` of them no code is right."""
        with self._db.write() as connection:
            row = connection.execute(
                update(drafts)
                .where(drafts.c.key == key, drafts.c.code_tries < tries, drafts.c.code_until > now)
                .values(code_tries=drafts.c.code_tries + 1)
                .returning(drafts.c.code_hash)
            ).one_or_none()
        return row is not None and hmac.compare_digest(row.code_hash or "", code_hash)

    def expire(self, *, now: dt.datetime) -> None:
        """Forget drafts whose time is over, with their files."""
        with self._db.write() as connection:
            over = select(drafts.c.key).where(drafts.c.expires <= now)
            forget(connection, files.c.held.in_(over))
            connection.execute(delete(drafts).where(drafts.c.expires <= now))

    def _where(self, condition: ColumnElement[bool], now: dt.datetime) -> Draft | None:
        query = select(drafts).where(condition, drafts.c.expires > now)
        with self._db.read() as connection:
            row: Row[tuple[object, ...]] | None = connection.execute(query).one_or_none()
        return Draft(**{name: getattr(row, name) for name in _DRAFT}) if row is not None else None
