"""What types cannot say about a procedure: that everything it names exists, and that its steps lead to an end.

Each check is a function that yields (where, message); `CHECKS` lists them. Messages are for the author of the mapping.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from connector.sop.document import Finding, Where, unknown
from connector.sop.keys import status_key
from connector.sop.model import (
    FieldType,
    LimitAgain,
    Organization,
    OutputKind,
    Procedure,
    Reopen,
    Step,
    StepKind,
    Tell,
)
from connector.sop.paper_checks import CHECKS as PAPER_CHECKS
from connector.sop.table import is_on_portal

Check = Callable[[Procedure, Organization], Iterator[Finding]]


def check(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Every finding of every check."""
    return chain.from_iterable(each(procedure, organization) for each in CHECKS)


def _roles(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    known = [role.id for role in organization.roles]
    for where, role in _named_roles(procedure):
        if role not in known:
            yield where, unknown("peran", role, known)


def _named_roles(procedure: Procedure) -> Iterator[tuple[Where, str]]:
    for name in ("registrars", "on_behalf"):
        yield from (((name, i), role) for i, role in enumerate(getattr(procedure, name)))
    for i, step in enumerate(procedure.steps):
        at: Where = ("steps", i)
        yield from (((*at, "roles", j), role) for j, role in enumerate(step.roles))
        for choice, role in step.assignee_by.roles.items() if step.assignee_by else ():
            yield (*at, "assignee_by", "roles", choice), role
    for where, reopen in _reopenings(procedure):
        yield from (((*where, "roles", j), role) for j, role in enumerate(reopen.roles))
    for where, tell in _tells(procedure):
        yield from (((*where, "to", k), role) for k, role in enumerate(tell.to))
    for i, field in enumerate(procedure.fields):
        yield from ((("fields", i, "visible_to", j), role) for j, role in enumerate(field.visible_to or ()))


def _tells(procedure: Procedure) -> Iterator[tuple[Where, Tell]]:
    """Every message of the procedure."""
    yield from ((("received", j), tell) for j, tell in enumerate(procedure.received))
    for i, step in enumerate(procedure.steps):
        for name, outcome in step.outcomes.items():
            at: Where = ("steps", i, "outcomes", name, "tell")
            yield from (((*at, j), tell) for j, tell in enumerate(outcome.tell))
        yield from ((("steps", i, "tell", j), tell) for j, tell in enumerate(step.tell))
        silence = step.unanswered.tell if step.unanswered else ()
        yield from ((("steps", i, "unanswered", "tell", j), tell) for j, tell in enumerate(silence))
    for i, end in enumerate(procedure.ends):
        yield from ((("ends", i, "tell", j), tell) for j, tell in enumerate(end.tell))
    for where, reopen in _reopenings(procedure):
        yield from (((*where, "tell", j), tell) for j, tell in enumerate(reopen.tell))


def _reopenings(procedure: Procedure) -> Iterator[tuple[Where, Reopen]]:
    """Every end that may be taken back."""
    for i, end in enumerate(procedure.ends):
        if end.reopen is not None:
            yield ("ends", i, "reopen"), end.reopen


def _addresses(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    """Whoever is told at an address of the ticket needs a ticket that asks for it."""
    for where, tell in _tells(procedure):
        for k, role_id in enumerate(tell.to):
            role = organization.role(role_id)
            field = procedure.field(role.address) if role and role.address else None
            if role and role.address and (field is None or field.type is not FieldType.EMAILS):
                place = f"isian «{role.address}» (type emails)"
                yield (*where, "to", k), f"alamat peran «{role_id}» ada di {place}, yang tidak ada di POS ini"


def _targets(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    ends = [end.id for end in procedure.ends]
    known = [step.id for step in procedure.steps] + ends
    for i, step in enumerate(procedure.steps):
        for name, outcome in step.outcomes.items():
            if outcome.to not in known:
                yield ("steps", i, "outcomes", name, "to"), unknown("langkah atau akhir", outcome.to, known)
    if procedure.withdrawn is not None and procedure.withdrawn not in ends:
        yield ("withdrawn",), unknown("akhir", procedure.withdrawn, ends)
    standing = [step.id for step in procedure.active_steps]
    for where, reopen in _reopenings(procedure):
        if reopen.to not in standing:
            yield (*where, "to"), unknown("langkah berstatus", reopen.to, standing)


def _moved(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """Tickets of a step that is gone go to one that is there and holds tickets."""
    there = [step.id for step in procedure.active_steps]
    for old, new in procedure.moved_to.items():
        if procedure.step(old) is not None or procedure.end(old) is not None:
            message = f"«{old}» masih ada dalam POS ini; moved_to hanya untuk langkah yang sudah dihapus"
            yield ("moved_to", old), message
        if new not in there:
            yield ("moved_to", old), unknown("langkah berstatus", new, there)


def _waiting(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """A limit for the requester's answer and the end that follows come together; nobody is there to fill it in."""
    waiting = procedure.waiting
    if (waiting.limit is None) != (waiting.expires is None):
        yield ("waiting",), "limit dan expires harus ditulis bersama"
    if waiting.limit is None and "remind" in waiting.model_fields_set:
        yield ("waiting", "remind"), "remind mengingatkan sebelum limit lewat, jadi ditulis bersamanya"
    for i, each in enumerate(waiting.remind):
        if each in waiting.remind[:i]:
            yield ("waiting", "remind", i), f"pengingat «{each}» ditulis dua kali"
    if waiting.expires is None:
        return
    end = procedure.end(waiting.expires)
    if end is None:
        yield ("waiting", "expires"), unknown("akhir", waiting.expires, (each.id for each in procedure.ends))
    elif end.needs:
        message = f"akhir «{end.id}» dicapai tanpa petugas, jadi tidak boleh mempunyai kelengkapan (needs)"
        yield ("waiting", "expires"), message


def _silence(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """Only a requester on his page can be silent; what follows must need nothing that he would have given."""
    known = [*(each.id for each in procedure.active_steps), *(each.id for each in procedure.ends)]
    for i, step in enumerate(procedure.steps):
        if step.unanswered is None:
            continue
        where: Where = ("steps", i, "unanswered")
        target = procedure.step(step.unanswered.to) or procedure.end(step.unanswered.to)
        if step.status is None or not is_on_portal(procedure, step):
            yield (
                where,
                f"langkah «{step.id}» bukan langkah pemohon di portal, jadi tidak menunggu jawabannya",
            )
        if step.limit is None and step.limit_by is None:
            yield where, f"langkah «{step.id}» tidak mempunyai batas waktu, jadi tidak pernah lewat"
        if target is None or target.id not in known or target.id == step.id:
            yield (*where, "to"), unknown("langkah berstatus atau akhir", step.unanswered.to, known)
            continue
        lacking = {need.field for need in target.needs} - {need.field for need in step.needs}
        if lacking:
            names = ", ".join(sorted(lacking))
            yield (*where, "to"), f"«{target.id}» memerlukan {names}, yang tidak ada bila pemohon diam"


def _duplicates(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """Somebody with Redmine before him says which ticket is repeated."""
    for i, end in enumerate(procedure.ends):
        if not end.duplicate:
            continue
        where: Where = ("ends", i, "duplicate")
        before = [s for s in procedure.active_steps if any(o.to == end.id for o in s.outcomes.values())]
        if end.success:
            yield where, f"akhir «{end.id}» adalah duplikat, jadi bukan keberhasilan (success)"
        if not before:
            yield where, f"akhir duplikat «{end.id}» tidak dicapai dari langkah mana pun"
        for step in before:
            if is_on_portal(procedure, step):
                yield (
                    where,
                    f"akhir duplikat «{end.id}» dipilih pemohon pada langkah «{step.id}»; ia tidak melihat tiket lain",
                )
        if end.id in (procedure.withdrawn, procedure.waiting.expires):
            yield (
                where,
                f"akhir duplikat «{end.id}» juga dipakai withdrawn atau waiting.expires, yang tidak menunjuk tiket",
            )


def _hands(procedure: Procedure) -> Iterator[tuple[Where, str]]:
    for i, step in enumerate(procedure.steps):
        for name, outcome in step.outcomes.items():
            at: Where = ("steps", i, "outcomes", name, "hands")
            yield from (((*at, j), field) for j, field in enumerate(outcome.hands))


def _handed(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for where, field_id in _hands(procedure):
        field = procedure.field(field_id)
        if field and field.type is not FieldType.FILE:
            yield where, f"isian «{field_id}» yang diserahkan kepada pemohon bukan type file"


def named_fields(procedure: Procedure) -> Iterator[tuple[Where, str]]:
    """Every place where a field is named, in the order in which people meet them."""
    if procedure.form:
        yield from ((("form", "fields", i), name) for i, name in enumerate(procedure.form.fields))
    if procedure.alerts:
        yield from ((("alerts", "fields", name, "?"), name) for name in procedure.alerts.fields)
    yield from ((("by_mail", key), name) for key, name in procedure.by_mail if name is not None)
    for i, step in enumerate(procedure.steps):
        at: Where = ("steps", i)
        for j, need in enumerate(step.needs):
            yield (*at, "needs", j), need.field
            yield from (((*at, "needs", j, "when", name), name) for name in need.when)
        yield from (((*at, "outputs", j), output.id) for j, output in enumerate(step.outputs))
        if step.assignee_by:
            yield (*at, "assignee_by", "field"), step.assignee_by.field
        if step.limit_by:
            yield (*at, "limit_by", "field"), step.limit_by.field
    for i, end in enumerate(procedure.ends):
        yield from ((("ends", i, "needs", j), need.field) for j, need in enumerate(end.needs))
    yield ("waiting", "reason"), procedure.waiting.reason
    yield from _hands(procedure)
    for where, tell in _tells(procedure):
        yield from (((*where, "details", k), name) for k, name in enumerate(tell.details))


def _by_mail(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for key, name in procedure.by_mail:
        field = procedure.field(name or "")
        if field and field.type not in (FieldType.TEXT, FieldType.PARAGRAPH):
            yield (
                ("by_mail", key),
                f"isian «{name}» tidak dapat diisi dari surat; hanya type text atau paragraph",
            )


def _names(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for i, field in enumerate(procedure.fields):
        if "." in field.name:
            yield (
                ("fields", i, "name"),
                f"nama isian «{field.name}» memakai titik; Redmine merusaknya dalam pesan kesalahan",
            )


def _choosing(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for i, step in enumerate(procedure.steps):
        at: Where = ("steps", i)
        if step.assignee_by:
            yield from _chosen(
                procedure, (*at, "assignee_by", "roles"), step.assignee_by.field, step.assignee_by.roles
            )
            for choice, role in step.assignee_by.roles.items():
                if role not in step.roles:
                    yield (*at, "assignee_by", "roles", choice), f"peran «{role}» bukan peran langkah ini"
        if step.limit_by:
            yield from _chosen(
                procedure, (*at, "limit_by", "limits"), step.limit_by.field, step.limit_by.limits
            )
        yield from _conditions(procedure, step, at)


def _conditions(procedure: Procedure, step: Step, at: Where) -> Iterator[Finding]:
    for j, need in enumerate(step.needs):
        for name, value in need.when.items():
            field_def = procedure.field(name)
            if field_def and field_def.choices and value not in field_def.choices:
                where = (*at, "needs", j, "when", name)
                yield where, unknown(f"pilihan isian «{name}»", value, field_def.choices)


def _chosen(procedure: Procedure, where: Where, field_id: str, given: Iterable[str]) -> Iterator[Finding]:
    field = procedure.field(field_id)
    if field is None:
        return
    for choice in given:
        if choice not in field.choices:
            yield (*where, choice), unknown(f"pilihan isian «{field_id}»", choice, field.choices)
    for choice in field.choices:
        if choice not in given:
            yield where, f"pilihan «{choice}» dari isian «{field_id}» belum diatur"


def _unique(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for name, items in (("steps", procedure.steps), ("ends", procedure.ends), ("fields", procedure.fields)):
        yield from _repeated(name, "id", [item.id for item in items])
    yield from _repeated("steps", "no", [step.no for step in procedure.steps])
    both = {step.id for step in procedure.steps} & {end.id for end in procedure.ends}
    for i, end in enumerate(procedure.ends):
        if end.id in both:
            yield ("ends", i, "id"), f"«{end.id}» sudah menjadi id sebuah langkah"
    yield from _statuses(procedure)


def _repeated(section: str, key: str, values: list[str]) -> Iterator[Finding]:
    for i, value in enumerate(values):
        if value in values[:i]:
            yield (section, i, key), f"{key} «{value}» dipakai dua kali"


def _statuses(procedure: Procedure) -> Iterator[Finding]:
    seen: Counter[str] = Counter()
    for where, name, _ in status_places(procedure):
        if seen[status_key(name)]:
            yield where, f"status «{name}» dipakai dua kali dalam POS ini"
        seen[status_key(name)] += 1


def status_places(procedure: Procedure) -> Iterator[tuple[Where, str, bool]]:
    """Where each status is named, its name, and whether it is a closed one."""
    yield ("intake",), procedure.intake, False
    yield ("waiting", "status"), procedure.waiting.status, False
    yield ("waiting", "resumed"), procedure.waiting.resumed, False
    yield from ((("steps", i, "status"), s.status, False) for i, s in enumerate(procedure.steps) if s.status)
    yield from ((("ends", i, "status"), end.status, True) for i, end in enumerate(procedure.ends))


def _way(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    if not procedure.active_steps:
        yield ("steps",), "tidak ada langkah yang mempunyai status"
        return
    ids = {step.id for step in procedure.steps}
    for i, step in enumerate(procedure.steps):
        if step.status is None:
            continue
        if not step.roles:
            yield ("steps", i), f"langkah «{step.id}» tidak mempunyai peran"
        if not step.outcomes:
            yield ("steps", i), f"langkah «{step.id}» tidak mempunyai hasil (outcomes)"
        yield from _same_status(i, step)
        if step.id not in _reachable(procedure):
            yield ("steps", i), f"langkah «{step.id}» tidak pernah tercapai dari langkah pertama"
    if not any(end.success for end in procedure.ends):
        yield ("ends",), "tidak ada akhir dengan success: true"
        return
    reached = _reachable(procedure) - ids
    if not any(end.id in reached for end in procedure.ends if end.success):
        yield ("ends",), "akhir yang berhasil tidak pernah tercapai dari langkah pertama"


def _same_status(i: int, step: Step) -> Iterator[Finding]:
    """Two outcomes that lead to one status cannot be told apart in Redmine."""
    seen: dict[str, str] = {}
    for name, outcome in step.outcomes.items():
        if outcome.to in seen:
            yield (
                ("steps", i, "outcomes", name),
                f"hasil «{seen[outcome.to]}» dan «{name}» menuju tempat yang sama, jadi tidak dapat dibedakan",
            )
        if outcome.to == step.id:
            yield ("steps", i, "outcomes", name), f"hasil «{name}» menuju langkah itu sendiri"
        seen[outcome.to] = name


def _reachable(procedure: Procedure) -> set[str]:
    found: set[str] = set()
    ahead = [procedure.first_step.id]
    while ahead:
        here = ahead.pop()
        if here in found:
            continue
        found.add(here)
        step = procedure.step(here)
        if step is not None and step.status is not None:
            ahead += [outcome.to for outcome in step.outcomes.values()]
    return found


def _duties(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """A duty comes round beside a step; nothing leads to it, and it leads nowhere."""
    around: Step | None = None
    for i, step in enumerate(procedure.steps):
        duty = step.kind is StepKind.DUTY
        if duty != (step.every is not None):
            yield ("steps", i), f"langkah «{step.id}»: every ditulis untuk kind duty, dan hanya untuk itu"
        if not duty:
            around = step
            continue
        for key in ("status", "limit", "limit_by", "assignee_by", "needs", "outcomes"):
            if getattr(step, key):
                yield ("steps", i, key), f"kewajiban berkala «{step.id}» tidak mempunyai {key}"
        for j, output in enumerate(step.outputs):
            if output.kind is OutputKind.DOCUMENT:
                message = f"kewajiban berkala «{step.id}» dilaporkan orang; konektor tidak membuat dokumennya"
                yield ("steps", i, "outputs", j), message
        if not step.roles:
            yield ("steps", i), f"langkah «{step.id}» tidak mempunyai peran"
        if around is None or around.status is None:
            yield ("steps", i), f"kewajiban berkala «{step.id}» harus ditulis sesudah langkah yang berstatus"
    yield from _to_duties(procedure)


def _again(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """Only of a limit something can be left."""
    for i, step in enumerate(procedure.steps):
        if step.limit_again is LimitAgain.REST and not (step.limit or step.limit_by):
            where = ("steps", i, "limit_again")
            yield where, f"langkah «{step.id}» tidak mempunyai batas waktu, jadi tidak ada yang tersisa"


def _to_duties(procedure: Procedure) -> Iterator[Finding]:
    known = {step.id for step in procedure.steps if step.kind is StepKind.DUTY}
    for i, step in enumerate(procedure.steps):
        for name, outcome in step.outcomes.items():
            if outcome.to in known:
                where = ("steps", i, "outcomes", name, "to")
                yield (
                    where,
                    f"hasil «{name}» menuju kewajiban berkala «{outcome.to}», yang bukan tempat tiket",
                )


def _subject(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    known = ["title", *(field.id for field in procedure.fields)]
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(procedure.subject) if name is not None]
    except ValueError:
        yield ("subject",), "kurung kurawal pada subject tidak berpasangan"
        return
    for name in names:
        if name not in known:
            yield ("subject",), unknown("isian", name, known)


CHECKS: tuple[Check, ...] = (
    _roles,
    _targets,
    _moved,
    _waiting,
    _silence,
    _duplicates,
    _addresses,
    _handed,
    _by_mail,
    _names,
    _choosing,
    _unique,
    _way,
    _duties,
    _again,
    *PAPER_CHECKS,
    _subject,
)
