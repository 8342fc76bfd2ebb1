"""What a page says back: questions with their answers, and why something that was sent is not carried out. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from connector.engine.progress import Rules
from connector.engine.requests import Why
from connector.engine.snapshot import Snapshot
from connector.engine.state import TicketState
from connector.engine.talk import Side, conversation
from connector.portal.language import gettext as _
from connector.portal.timeline import day_words


@dataclass(frozen=True)
class Spoken:
    """A question or an answer."""

    when: str
    mine: bool
    text: str


def spoken(rules: Rules, snapshot: Snapshot, side: Side) -> tuple[Spoken, ...]:
    """What this side and staff said to each other."""
    return tuple(
        Spoken(day_words(each.at, rules.calendar.zone), each.mine, each.text)
        for each in conversation(snapshot, side)
    )


def unfit_words(rules: Rules, state: TicketState, role: str) -> str:
    """Why the last thing that somebody sent is not carried out; empty if it was. The requester has no role."""
    mine = [each for each in state.unfit if each.role == role]
    if not mine or mine[-1].key != state.actions[-1]:
        return ""
    last = mine[-1]
    when = day_words(last.at, rules.calendar.zone)
    match last.why:
        case Why.ENDED:
            reason = _("permohonan sudah ditutup ketika kiriman Anda dibaca.")
        case Why.NEEDS:
            reason = _("masih kurang: %(missing)s.", missing=", ".join(last.missing))
        case Why.NOT_HEAD:
            reason = _("alamat Anda bukan lagi alamat dinas pimpinan unit ini menurut daftar unit.")
        case Why.ONCE:
            reason = _("penilaian hanya dapat diberikan satu kali, dan sudah kami terima.")
        case _:
            reason = _("permohonan sudah berpindah langkah ketika kiriman Anda dibaca.")
    return _(
        "Kiriman Anda pada %(when)s tidak dijalankan: %(reason)s Isinya tersimpan dan dapat dibaca petugas.",
        when=when,
        reason=reason,
    )
