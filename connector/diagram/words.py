"""The words of a POS flowchart: what stands in the cells, and the notes below the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from connector.engine.words import MONTHS
from connector.sop.model import Basis, Need, Organization, Procedure, Step, StepKind
from connector.sop.table import MoveKind, is_requesters, moves


def heading(procedure: Procedure, organization: Organization) -> tuple[str, ...]:
    """The lines under the title."""
    facts = [f"Nomor POS {procedure.header.number}"]
    if procedure.header.effective:
        day = procedure.header.effective
        facts.append(f"berlaku {day.day} {MONTHS[day.month - 1]} {day.year}")
    if procedure.header.revised:
        day = procedure.header.revised
        facts.append(f"revisi {day.day} {MONTHS[day.month - 1]} {day.year}")
    return f"{organization.office}, {organization.name}", "; ".join(facts)


def titled(organization: Organization, role_id: str) -> str:
    """What a role is called."""
    role = organization.role(role_id)
    return role.title if role else role_id


def named(procedure: Procedure, need: Need) -> str:
    """A need by the name that its field has in Redmine, with its condition."""
    conditions = " dan ".join(f"{_field(procedure, name)} = {value}" for name, value in need.when.items())
    return _field(procedure, need.field) + (f" (bila {conditions})" if conditions else "")


def needs_of(procedure: Procedure, step: Step) -> str:
    """Kelengkapan. What leads to the ticket is the form."""
    if step.needs or procedure.form is None or not _sends_form(procedure, step):
        return ", ".join(named(procedure, need) for need in step.needs)
    code = f" ({procedure.form.code})" if procedure.form.code else ""
    return f"{procedure.form.title}{code}"


def outputs_of(procedure: Procedure, step: Step) -> str:
    """Output."""
    if not step.outputs and _sends_form(procedure, step):
        return "Tiket dengan nomor"
    return ", ".join(_field(procedure, output.id) for output in step.outputs)


def limit_of(procedure: Procedure, step: Step) -> str:
    """Waktu, one line for each choice where a field chooses it; of a duty how often it comes round."""
    if step.limit_by:
        choices = [f"{choice}: {limit}" for choice, limit in step.limit_by.limits.items()]
        return "\n".join([f"Menurut {_field(procedure, step.limit_by.field)}:", *choices])
    if step.every:
        return f"setiap {step.every}"
    return str(step.limit) if step.limit else ""


def remarks_of(procedure: Procedure, organization: Organization, step: Step) -> str:
    """Keterangan."""
    said = []
    if step.status is not None and is_requesters(procedure, step) and procedure.on_behalf:
        who = _roles(organization, procedure.on_behalf)
        said.append(f"Dicatat oleh {who}." if step.in_person else f"Dapat diwakili {who}.")
    if step.assignee_by:
        said.append(f"Pelaksana menurut isian {_field(procedure, step.assignee_by.field)}.")
    if step.kind is StepKind.DUTY:
        said.append("Kewajiban berkala.")
    return " ".join([*said, step.note]).strip()


def _sends_form(procedure: Procedure, step: Step) -> bool:
    """Whether the step is the last that somebody does before the ticket is there."""
    before = procedure.steps[: procedure.steps.index(procedure.first_step)]
    done = [each for each in before if each.kind is StepKind.STEP and each.status is None]
    return bool(done) and step is done[-1]


def _field(procedure: Procedure, field_id: str) -> str:
    field = procedure.field(field_id)
    return field.name if field else field_id


def _roles(organization: Organization, roles: Iterable[str]) -> str:
    return " atau ".join(titled(organization, role) for role in roles)


# notes ------------------------------------------------------------------------------------------------------


def notes_of(procedure: Procedure, organization: Organization) -> tuple[str, ...]:
    """The moves that would be a web of arrows, and what the owner of the POS should confirm."""
    return tuple(
        note
        for make in (_waiting, _withdrawal, _registration, _unsure)
        for note in make(procedure, organization)
    )


def _waiting(procedure: Procedure, _: Organization) -> Iterator[str]:
    if any(move.kind is MoveKind.RETURN for move in moves(procedure)):
        status, resumed = procedure.waiting.status, procedure.waiting.resumed
        yield (
            f"Dikembalikan kepada pemohon: tiket berstatus «{status}» dan waktunya berhenti dihitung. "
            f"Setelah dilengkapi (lewat portal, atau petugas memilih «{resumed}») tiket kembali ke langkah "
            "yang mengembalikannya."
        )
    end = procedure.end(procedure.waiting.expires or "")
    if end is not None and procedure.waiting.limit is not None:
        yield (
            f"Bila pemohon tidak melengkapi dalam {procedure.waiting.limit}, tiket ditutup sendiri dengan status "
            f"«{end.status}»."
        )


def _withdrawal(procedure: Procedure, _: Organization) -> Iterator[str]:
    end = procedure.end(procedure.withdrawn or "")
    if end is not None:
        yield (
            "Pemohon dapat menarik permohonannya selama tiket belum ditutup; "
            f"tiket berakhir dengan status «{end.status}»."
        )


def _registration(procedure: Procedure, organization: Organization) -> Iterator[str]:
    if procedure.registrars:
        who = _roles(organization, procedure.registrars)
        yield f"Permohonan yang tidak datang lewat formulir dimasukkan oleh {who} (status «{procedure.intake}»)."


ASKED: tuple[tuple[str, Callable[[Step], tuple[Basis, bool]]], ...] = (
    ("pelaksana", lambda step: (step.basis.role, bool(step.roles))),
    ("waktu", lambda step: (step.basis.limit, bool(step.limit or step.limit_by or step.every))),
    ("hasil", lambda step: (step.basis.outcomes, bool(step.outcomes))),
)


def _unsure(procedure: Procedure, _: Organization) -> Iterator[str]:
    for basis, words in (
        (Basis.INFERRED, "Dibaca dari uraian naskah dan perlu dipastikan oleh pemilik POS"),
        (Basis.MISSING, "Tidak ada dalam naskah; usulan yang perlu dipastikan oleh pemilik POS"),
    ):
        found = [
            f"{what} langkah {_ranges(procedure, chosen)}"
            for what, ask in ASKED
            if (chosen := [i for i, step in enumerate(procedure.steps) if ask(step) == (basis, True)])
        ]
        if found:
            yield f"{words}: {'; '.join(found)}."


def _ranges(procedure: Procedure, chosen: list[int]) -> str:
    """`3 sampai 7, 10`."""
    runs: list[list[int]] = []
    for i in chosen:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    number = [step.no for step in procedure.steps]
    return ", ".join(
        number[run[0]] if len(run) == 1 else f"{number[run[0]]}–{number[run[-1]]}" for run in runs
    )
