"""Indonesian and English: which one a page is in, and the words of the mapping in it.

The catalogue is read as it is written (`translations/en.po`): there is nothing to compile, and nothing can be stale.
"""

from __future__ import annotations

import datetime as dt
import io
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_locale
from flask_babel import gettext as translate
from flask_babel import ngettext as translate_number
from markupsafe import Markup, escape

from connector.engine.words import date_words as indonesian_date
from connector.engine.words import instant_words as indonesian_instant
from connector.sop.model import Limit, Unit

DEFAULT = "id"
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
COOKIE = "bahasa"
COOKIE_SECONDS = 365 * 24 * 3600
#: In an address: the language that is wanted from now on.
PARAMETER = "lang"
CATALOGUES = Path(__file__).with_name("translations")


class Catalogues(Domain):  # type: ignore[misc]
    """Translations from the written catalogues."""

    def get_translations(self) -> Translations | NullTranslations:
        """Those of this request."""
        return translations(language())


@cache
def translations(code: str) -> Translations | NullTranslations:
    """The translations into a language; none into the language of the sources."""
    path = CATALOGUES / f"{code}.po"
    if code == DEFAULT:
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return Translations(compiled)


def prepare(app: Flask, *, secure: bool) -> None:
    """Give an application both languages."""
    babel = Babel(app, default_locale=DEFAULT, locale_selector=_chosen)
    babel.domain_instance = Catalogues()
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, said=said, marked=marked)
    app.jinja_env.filters["limit_words"] = limit_words

    @app.after_request
    def remember(response: Response) -> Response:
        wanted = g.get("wanted_language")
        if wanted:
            response.set_cookie(
                COOKIE, wanted, max_age=COOKIE_SECONDS, httponly=True, secure=secure, samesite="Lax"
            )
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = language()
        return response


def gettext(text: str, /, **values: object) -> str:
    """A text of the portal in the language of this page; `%(name)s` stands for a value."""
    return str(translate(text, **values))


def ngettext(one: str, more: str, number: int, /, **values: object) -> str:
    """As `gettext`, for a number: `%(num)d`."""
    return str(translate_number(one, more, number, **values))


def phrase(text: str, /, **values: object) -> Markup:
    """As `gettext`, with values that may be markup."""
    return escape(gettext(text)) % values


def language() -> str:
    """The language of this page; Indonesian outside of pages."""
    locale = get_locale()
    return locale.language if locale is not None else DEFAULT


def _chosen() -> str:
    """What the address says, else what was said before, else Indonesian."""
    wanted = request.args.get(PARAMETER, "")
    if wanted in LANGUAGES:
        g.wanted_language = wanted
        return wanted
    known = request.cookies.get(COOKIE, "")
    return known if known in LANGUAGES else DEFAULT


# the mapping's words --------------------------------------------------------------------------------------------


def told(thing: Any, key: str) -> tuple[str, str]:
    """A text of the mapping, and the language it is in: English where that is wanted and there."""
    if language() == "en":
        english = getattr(getattr(thing, "en", None), key, "")
        if english:
            return str(english), "en"
    return str(getattr(thing, key) or ""), DEFAULT


def said(thing: Any, key: str) -> str | Markup:
    """A text of the mapping for a page; marked as Indonesian where the page is not."""
    return marked(*told(thing, key))


def plain(thing: Any, key: str) -> str:
    """A text of the mapping where no markup can be: titles, attributes, mails."""
    return told(thing, key)[0]


def marked(text: str, code: str = DEFAULT) -> str | Markup:
    """A text of that language within a page."""
    if not text or code == language():
        return text
    return Markup('<span lang="{}">{}</span>').format(code, escape(text))


def choice_words(field: Any, choice: str) -> tuple[str, str]:
    """What is shown for a choice, and its language; what is sent and kept is always the mapping's own."""
    english = field.en.choices if field.en is not None else ()
    if language() == "en" and english and choice in field.choices:
        return english[field.choices.index(choice)], "en"
    return choice, DEFAULT


# instants and limits --------------------------------------------------------------------------------------------

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def date_words(day: dt.date) -> str:
    """`Senin, 23 November 2026` or `Monday, 23 November 2026`."""
    if language() == DEFAULT:
        return indonesian_date(day)
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def instant_words(instant: dt.datetime, zone: ZoneInfo) -> str:
    """`Senin, 23 November 2026 pukul 16.00 WIB` or `Monday, 23 November 2026 at 16:00 WIB`."""
    words = indonesian_instant(instant, zone)
    if language() == DEFAULT:
        return words
    local = instant.astimezone(zone)
    return f"{date_words(local.date())} at {local:%H:%M} {words.rpartition(' ')[2]}"


def clock_words(instant: dt.datetime, zone: ZoneInfo) -> str:
    """`16.00` or `16:00`."""
    local = instant.astimezone(zone)
    return f"{local:%H.%M}" if language() == DEFAULT else f"{local:%H:%M}"


def date_long(day: dt.date) -> str:
    """`23 November 2026`, the same in both languages but for the month."""
    return date_words(day).partition(", ")[2]


def elapsed_words(elapsed: dt.timedelta) -> str:
    """`1 hari 3 jam` or `1 day 3 hours`, by the clock on the wall; the smaller of two units is rounded down."""
    minutes = int(elapsed.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = (
        ngettext("%(num)d hari", "%(num)d hari", days) if days else "",
        ngettext("%(num)d jam", "%(num)d jam", hours) if hours else "",
        ngettext("%(num)d menit", "%(num)d menit", rest) if rest and not days else "",
    )
    return " ".join(part for part in parts if part) or gettext("kurang dari 1 menit")


def limit_words(limit: Limit) -> str:
    """`1 hari kerja` or `1 working day`."""
    amount = limit.amount
    match limit.unit:
        case Unit.MINUTE:
            return ngettext("%(num)d menit", "%(num)d menit", amount)
        case Unit.HOUR:
            return ngettext("%(num)d jam", "%(num)d jam", amount)
        case Unit.WORKING_DAY:
            return ngettext("%(num)d hari kerja", "%(num)d hari kerja", amount)
        case Unit.DAY:
            return ngettext("%(num)d hari", "%(num)d hari", amount)
        case Unit.WEEK:
            return ngettext("%(num)d minggu", "%(num)d minggu", amount)
        case Unit.MONTH:
            return ngettext("%(num)d bulan", "%(num)d bulan", amount)
