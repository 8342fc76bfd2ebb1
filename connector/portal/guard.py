"""Who may see a ticket: who came by its secret link, and since then holds the cookie of its page."""

from __future__ import annotations

from flask import Response, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

from connector.settings import Settings

COOKIE = "lacak"
COOKIE_SECONDS = 90 * 24 * 3600


class Guard:
    """Gives cookies and reads them."""

    def __init__(self, settings: Settings) -> None:
        self.key = settings.secret_key.get_secret_value().encode()
        self._secure = settings.public_url.startswith("https://")
        self._signer = URLSafeTimedSerializer(self.key, salt="lacak")

    def remember(self, response: Response, number: str, *, while_open: bool = False) -> None:
        """Put the ticket into a cookie of its own page; `while_open`: only until the browser is closed."""
        response.set_cookie(
            COOKIE,
            str(self._signer.dumps(number)),
            max_age=None if while_open else COOKIE_SECONDS,
            path=url_for("tracking.enter", number=number),
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )
        response.headers["Cache-Control"] = "no-store"

    def allows(self, number: str) -> bool:
        """Whether this request holds the cookie."""
        try:
            known = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=COOKIE_SECONDS)
        except BadSignature:
            return False
        return bool(known == number)
