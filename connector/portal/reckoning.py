"""Why a step's limit is what it is, for its requester: the rule, where counting began, and what did not count. Pure.

The long form of it, for staff, is `connector.engine.because`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from markupsafe import Markup

from connector.engine import sla
from connector.engine.calendar import WEEKEND, WorkCalendar
from connector.engine.state import Stay
from connector.portal.language import (
    clock_words,
    date_long,
    date_words,
    instant_words,
    limit_words,
    marked,
    ngettext,
    phrase,
)
from connector.portal.language import gettext as _
from connector.sop.model import Limit, Unit

Spans = tuple[tuple[dt.datetime, dt.datetime], ...]


def reckoning(calendar: WorkCalendar, stay: Stay | None) -> tuple[str, ...]:
    """Sentences, in the language of the page. None where no limit is running."""
    if stay is None or stay.limit is None or stay.due is None:
        return ()
    spans = _running(calendar, stay, stay.limit, stay.due)
    return (
        *_rule(calendar, stay, stay.limit),
        *_waited(calendar, stay, stay.due),
        *_free(calendar, spans),
        *_hours(calendar, spans),
    )


def _rule(calendar: WorkCalendar, stay: Stay, limit: Limit) -> Iterator[str]:
    due = sla.first_due(stay, calendar)
    if due is None:
        return
    words, since = limit_words(limit), date_words(stay.entered.astimezone(calendar.zone).date())
    last = {"day": date_words(due.astimezone(calendar.zone).date()), "time": clock_words(due, calendar.zone)}
    if stay.budget is not None:
        yield _(
            "Langkah ini sudah pernah dijalani: dari waktunya, paling lama %(limit)s, tersisa %(rest)s.",
            limit=words,
            rest=work_words(stay.budget),
        )
        yield from _counted_from(calendar, stay)
    elif limit.unit in (Unit.MINUTE, Unit.HOUR):
        yield _("Langkah ini boleh memakai waktu paling lama %(limit)s pada jam kerja.", limit=words)
        yield from _counted_from(calendar, stay)
    elif limit.unit in (Unit.WORKING_DAY, Unit.DAY):
        yield _("Langkah ini boleh memakai waktu paling lama %(limit)s.", limit=words)
        yield ngettext(
            "Hari mulainya, %(since)s, tidak dihitung; hari kerja sesudahnya adalah %(day)s, dan waktunya habis "
            "ketika kantor tutup, pukul %(time)s.",
            "Hari mulainya, %(since)s, tidak dihitung; hari kerja ke-%(num)d sesudahnya adalah %(day)s, dan waktunya "
            "habis ketika kantor tutup, pukul %(time)s.",
            limit.amount,
            since=since,
            **last,
        )
    else:
        yield _("Langkah ini boleh memakai waktu paling lama %(limit)s.", limit=words)
        yield _(
            "Dihitung menurut penanggalan sejak %(since)s, dan bila jatuh pada hari libur sampai hari kerja "
            "berikutnya: %(day)s, ketika kantor tutup, pukul %(time)s.",
            since=since,
            **last,
        )


def _counted_from(calendar: WorkCalendar, stay: Stay) -> Iterator[str]:
    opening = calendar.next_opening(stay.entered)
    if opening > stay.entered:
        yield _(
            "Langkah ini dimulai di luar jam kerja, jadi dihitung sejak kantor buka: %(when)s.",
            when=instant_words(opening, calendar.zone),
        )
    else:
        yield _("Dihitung sejak %(when)s.", when=instant_words(opening, calendar.zone))


def _waited(calendar: WorkCalendar, stay: Stay, due: dt.datetime) -> Iterator[str]:
    if sla.first_due(stay, calendar) != due:
        yield _(
            "Selama menunggu Anda waktunya tidak berjalan; sesudah itu sisanya dihitung lagi, sehingga batasnya "
            "menjadi %(when)s.",
            when=instant_words(due, calendar.zone),
        )


def _free(calendar: WorkCalendar, spans: Spans) -> Iterator[str]:
    """The days that did not count, each under its name."""
    by_name: dict[str, dict[dt.date, None]] = {}
    weekend = False
    for start, end in spans:
        for day, name in calendar.special(start, end).free:
            by_name.setdefault(name, {})[day] = None
        weekend = weekend or any(span.reason == WEEKEND for span in calendar.spans(start, end))
    named = [
        Markup("{} ({})").format(marked(name), ", ".join(map(date_long, days)))
        for name, days in by_name.items()
    ]
    if named and weekend:
        yield phrase("Tidak dihitung: akhir pekan, %(days)s.", days=Markup(", ").join(named))
    elif named:
        yield phrase("Tidak dihitung: %(days)s.", days=Markup(", ").join(named))
    elif weekend:
        yield _("Akhir pekan tidak dihitung.")


def _hours(calendar: WorkCalendar, spans: Spans) -> Iterator[str]:
    found = {each: None for span in spans for each in calendar.special(*span).hours}
    for first, last, name in found:
        yield phrase(
            "Dari %(first)s sampai %(last)s kantor mempunyai jam kerja lain (%(name)s).",
            first=date_long(first),
            last=date_long(last),
            name=marked(name),
        )


def _running(calendar: WorkCalendar, stay: Stay, limit: Limit, due: dt.datetime) -> Spans:
    """The times in which working time was counted, up to the limit. Of a limit in days the first day is none of them;
    weeks and months go by the almanac."""
    start, found = stay.entered, []
    if stay.budget is None and limit.unit in (Unit.WEEK, Unit.MONTH) and not stay.pauses:
        return ()
    if stay.budget is None and limit.unit in (Unit.WORKING_DAY, Unit.DAY):
        following = start.astimezone(calendar.zone).date() + dt.timedelta(1)
        start = dt.datetime.combine(following, dt.time(), calendar.zone)
    for pause in stay.pauses:
        if start < pause.since < due:
            found.append((start, pause.since))
        start = max(start, pause.until or due)
    return (*found, *(((start, due),) if start < due else ()))


def work_words(minutes: int) -> str:
    """`6 jam 30 menit` or `6 hours 30 minutes` of working time."""
    hours, rest = divmod(minutes, 60)
    parts = (
        ngettext("%(num)d jam", "%(num)d jam", hours) if hours else "",
        ngettext("%(num)d menit", "%(num)d menit", rest) if rest or not hours else "",
    )
    return " ".join(part for part in parts if part)
