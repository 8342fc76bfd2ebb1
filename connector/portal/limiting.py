"""Limits by address: counted in the database, so that several replicas count together. No address is kept or logged."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from limits.storage import Storage

from connector.errors import SopError
from connector.ports import Counters

SCHEME = "sop"
#: Who has one address of IPv6 has all those that begin with so many of its bits.
IPV6_BITS = 64


def limiter(app: Flask, counters: Counters, clock: Callable[[], dt.datetime], key: bytes) -> Limiter:
    """A limiter by address. While the database does not answer each process counts for itself."""
    # it tells addresses; who is refused is logged without
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)
    options: dict[str, Any] = {"counters": counters, "clock": clock, "key": key}
    return Limiter(
        visitor,
        app=app,
        storage_uri=f"{SCHEME}://",
        storage_options=options,
        in_memory_fallback_enabled=True,
    )


def visitor() -> str:
    """Who is asking: his address; of IPv6 the network that he has for himself."""
    return network(request.remote_addr or "")


def network(address: str) -> str:
    """What is counted as one address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, IPV6_BITS), strict=False))


class CountersStorage(Storage):
    """What the library `limits` calls a storage, on our counters."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the library's way

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self._counters: Counters = options["counters"]
        self._clock: Callable[[], dt.datetime] = options["clock"]
        self._key: bytes = options["key"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What says that it cannot be reached."""
        return SopError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count."""
        lasts = dt.timedelta(seconds=expiry)
        return self._counters.add(self._hidden(key), amount, now=self._clock(), lasts=lasts)

    def get(self, key: str) -> int:
        """The count."""
        return self._counters.count(self._hidden(key), now=self._clock())

    def get_expiry(self, key: str) -> float:
        """When it begins again."""
        return self._counters.until(self._hidden(key), now=self._clock()).timestamp()

    def check(self) -> bool:
        """Whether it can be asked."""
        try:
            self.get("")
        except SopError:
            return False
        return True

    def reset(self) -> int | None:
        """Not needed: every count ends by itself."""
        return None

    def clear(self, key: str) -> None:
        """Begin again."""
        self._counters.forget(self._hidden(key))

    def _hidden(self, key: str) -> str:
        """Addresses are few enough to be found by trying, so it takes a secret."""
        return hmac.new(self._key, f"batas:{key}".encode(), hashlib.sha256).hexdigest()
