"""What the connector's own tables say of a ticket's persons, forgotten. Numbers, keys and times stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update

from connector.ports import PaperStatus
from connector.store.connection import Connections
from connector.store.files import forget
from connector.store.outbox import SENT
from connector.store.tables import actions, documents, files, jobs, mails, submissions

#: What an action says of persons.
SAID: Mapping[str, Any] = {"fields": {}, "remark": "", "address": "", "proof": None}
BLANK = {name: value for name, value in SAID.items() if name in actions.c}


class SqlErasure:
    """Implements `connector.privacy.service.Tables`."""

    def __init__(self, connections: Connections) -> None:
        self._db = connections

    def forget(self, number: str, issue: int) -> None:
        """Forget answers, files, messages that were not sent, and what issued documents were printed from."""
        mine = submissions.c.issue == issue
        done = actions.c.number == number
        unsent = or_(mails.c.issue == issue, mails.c.key.contains(f"{number}:", autoescape=True)) & (
            mails.c.state != SENT
        )
        with self._db.write() as connection:
            forget(connection, files.c.submission.in_(select(submissions.c.id).where(mine)))
            forget(connection, files.c.action.in_(select(actions.c.key).where(done)))
            connection.execute(update(submissions).where(mine).values(fields={}))
            connection.execute(update(actions).where(done).values(BLANK))
            sending = select("mail:" + mails.c.key).where(unsent)
            connection.execute(delete(jobs).where(jobs.c.key.in_(sending)))
            connection.execute(delete(mails).where(unsent))
            connection.execute(
                update(documents)
                .where(documents.c.issue == issue, documents.c.status != PaperStatus.ALLOTTED.value)
                .values(data=None)
            )
