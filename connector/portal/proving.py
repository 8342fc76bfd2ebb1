"""Codes by e-mail: who reads them there proves that the address is his."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from connector.portal.drafts import CODE_DIGITS, CODE_MINUTES, TRIES
from connector.portal.tokens import code_hash
from connector.services import AppServices

#: How many codes one ticket and address get in an hour.
CODES = 5


@dataclass(frozen=True)
class Proof:
    """An address that is to be proved for one purpose; `key` names the purpose and the ticket."""

    services: AppServices
    key: str
    address: str

    def ask(self, template: str, data: Mapping[str, object]) -> bool:
        """Mail a new code; False if there were enough of them."""
        services, now = self.services, self.services.clock()
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        mail = services.mails.render(
            key=f"{self.key}:{now:%Y%m%d%H%M%S}:{secrets.token_hex(4)}",
            to=self.address,
            template=template,
            data={**data, "code": code, "minutes": CODE_MINUTES},
            issue=None,
        )
        return services.store.codes.send(
            self.key,
            self._hash(code),
            mail,
            until=now + dt.timedelta(minutes=CODE_MINUTES),
            now=now,
            most=CODES,
        )

    def holds(self, written: str) -> bool:
        """Whether this is the code that was sent there."""
        digits = "".join(sign for sign in written if sign.isdigit())[:CODE_DIGITS]
        services = self.services
        return services.store.codes.proves(self.key, self._hash(digits), now=services.clock(), tries=TRIES)

    def _hash(self, code: str) -> str:
        secret = self.services.settings.secret_key.get_secret_value().encode()
        return code_hash(secret, self.key, self.address.casefold(), code)
