"""Forms that wait: kept for later under a link that is mailed, or until a mailed code proves the address."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from connector.engine.progress import Rules
from connector.portal.language import plain
from connector.portal.receiving import HELD
from connector.portal.tokens import code_hash, draft_token, hash_token
from connector.ports import Code, Draft
from connector.services import AppServices

CODE_DIGITS = 6
CODE_MINUTES = 20
#: How often one code may be tried, and how many are sent for one form.
TRIES, CODES = 5, 5


@dataclass(frozen=True)
class Waiting:
    """The waiting forms of one service; `address` is that of its form, without the host."""

    services: AppServices
    rules: Rules
    address: str

    def draft(self, key: str) -> Draft | None:
        """A form of this service that waits."""
        return self._own(self.services.store.drafts.draft(key, now=self.services.clock()) if key else None)

    def by_link(self, token: str) -> Draft | None:
        """The draft of a link."""
        found = self.services.store.drafts.by_token(hash_token(token), now=self.services.clock())
        return self._own(found)

    def keep(self, key: str, values: Mapping[str, str], to: str) -> None:
        """Keep a form, and mail its link: once an hour, for it stays the same."""
        now = self.services.clock()
        expires = now + dt.timedelta(days=self.services.settings.draft_days)
        # after an hour, or to another address, it is sent again
        mark = hashlib.sha256(to.casefold().encode()).hexdigest()[:12]
        mail = self.services.mails.render(
            key=f"draf:{key}:{mark}:{now:%Y%m%d%H}",
            to=to,
            template="draf",
            data={
                **self._about(),
                "link": self._link(key),
                "expires": expires,
                "zone": self.rules.calendar.zone,
            },
            issue=None,
        )
        self.services.store.drafts.save(self._made(key, values, expires), mail, now=now)

    def ask_code(self, key: str, values: Mapping[str, str], to: str) -> bool:
        """Keep a form, and mail a new code for it; False if there were enough of them."""
        now, store = self.services.clock(), self.services.store
        nth = store.drafts.codes(key) + 1
        if nth > CODES:
            return False
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        known = self.draft(key)
        expires = max(now + HELD, known.expires if known else now)
        mail = self.services.mails.render(
            key=f"kode:{key}:{nth}",
            to=to,
            template="kode",
            data={**self._about(), "code": code, "minutes": CODE_MINUTES},
            issue=None,
        )
        until = now + dt.timedelta(minutes=CODE_MINUTES)
        stored = Code(code_hash(self._key, key, to, code), until, nth)
        store.drafts.save(self._made(key, values, expires), mail, now=now, code=stored)
        return True

    def proves(self, key: str, address: str, written: str) -> bool:
        """Whether this is the form's code, sent to this address."""
        digits = "".join(sign for sign in written if sign.isdigit())[:CODE_DIGITS]
        hashed = code_hash(self._key, key, address, digits)
        return self.services.store.drafts.proves(key, hashed, now=self.services.clock(), tries=TRIES)

    # inside -------------------------------------------------------------------------------------------------

    def _own(self, found: Draft | None) -> Draft | None:
        return found if found is not None and found.procedure == self.rules.procedure.key else None

    def _made(self, key: str, values: Mapping[str, str], expires: dt.datetime) -> Draft:
        return Draft(
            key=key,
            procedure=self.rules.procedure.key,
            fields=dict(values),
            token_hash=hash_token(draft_token(self._key, key)),
            expires=expires,
        )

    def _about(self) -> dict[str, object]:
        return {
            "service": plain(self.rules.procedure, "title"),
            "organization": self.rules.organization,
        }

    def _link(self, key: str) -> str:
        return f"{self.services.settings.public_url}{self.address}/draf?t={draft_token(self._key, key)}"

    @property
    def _key(self) -> bytes:
        return self.services.settings.secret_key.get_secret_value().encode()
