"""A signed document is signed once, wherever the service is killed; its register, ticket and page say so."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace

import pytest

from connector.engine.snapshot import Proof, RequesterAction
from connector.errors import DocumentError
from connector.process import Tickets
from tests.fakes import FakeRegister
from tests.unit.documents.test_issuing import (
    BEFORE,
    FIELD,
    KilledError,
    Office,
    bring,
    check_once,
    made,
    ready,
    register,
)

FINGERPRINT = "ab" * 32


@dataclass
class Pen:
    """Signs otherwise each time, as a real signature is. `error`: it cannot."""

    fingerprint: str = FINGERPRINT
    about: dict[str, str] = field(default_factory=lambda: {"subject": "Segel", "issuer": "Induk"})
    signed: int = 0
    error: Exception | None = None

    def sign(self, content: bytes, *, now: dt.datetime) -> bytes:
        if self.error:
            raise self.error
        self.signed += 1
        return content + f"\n%tanda tangan ke-{self.signed} pada {now.isoformat()}".encode()


class Sealed(Office):
    """An office with a certificate."""

    pen: Pen | None = None

    def _tickets(self) -> Tickets:
        found = super()._tickets()
        if self.pen is None:
            self.pen = Pen()
        documents = replace(found.performer.documents, signer=self.pen, clock=self.clock)  # type: ignore[type-var]
        return replace(found, performer=replace(found.performer, documents=documents))


def check_signed(world: Sealed, number: str) -> None:
    check_once(world, number)
    [document], [row] = made(world, number), register(world)
    assert document.certificate == row.certificate == FINGERPRINT
    content = world.redmine.attachments[row.attachment or 0]
    assert b"%tanda tangan ke-" in content
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert row.data is not None
    assert row.data["seal"] == {"subject": "Segel", "issuer": "Induk"}
    assert isinstance(world.store.register, FakeRegister)
    assert world.store.register.kept == {}  # Redmine has it


def test_a_document_is_signed_once_wherever_the_service_is_killed() -> None:
    calm = Sealed()
    number, _ = ready(calm)
    bring(calm, number, 0, KilledError, after=False)
    passed = set()
    for call in range(1, calm.calls + 1):
        world = Sealed()
        number, _ = ready(world)
        sent: list[bytes] = []
        upload = world.redmine.upload

        def kept(filename: str, content_type: str, content: bytes) -> object:
            sent.append(content)  # noqa: B023 - called within the round
            return upload(filename, content_type, content)  # noqa: B023

        world.redmine.upload = kept  # type: ignore[method-assign,assignment]
        bring(world, number, call, KilledError, after=call % 2 == 0)
        passed.add(world.fatal)
        check_signed(world, number)
        mine = {each for each in sent if b"%tanda tangan" in each and FIELD.encode() in each}
        assert len(mine) <= 1
    assert passed >= {"FakeRegister.signed", "FakeRegister.keep_signed", "FakeRedmine.upload"}


def test_what_was_signed_stays_although_the_certificate_is_another_now() -> None:
    world = Sealed()
    number, issue = ready(world)
    commit = world.redmine.commit

    def away(*_: object) -> object:
        raise KilledError

    step = world.procedure.step(BEFORE)
    assert step is not None
    world.redmine.staff(issue, step.roles[0], world._change(step, {}, "Pengarsipan"))
    world.redmine.commit = away  # type: ignore[method-assign,assignment]
    with pytest.raises(KilledError):
        world.tickets.look(issue)
    assert world.pen is not None
    world.pen.fingerprint = "cd" * 32
    world.redmine.commit = commit  # type: ignore[method-assign]
    world.tickets.look(issue)
    check_signed(world, number)


def test_without_a_valid_certificate_the_ticket_goes_on_and_the_document_waits() -> None:
    world = Sealed()
    number, issue = ready(world)
    assert world.pen is not None
    world.pen.error = DocumentError("masa berlaku sertifikat habis")
    world.walk(number, "pengarsipan")
    state = world.snapshot(number).state
    assert state is not None
    assert [each.field for each in state.unmade if each.field == FIELD] == [FIELD]
    assert any("masa berlaku sertifikat habis" in each.notes for each in world.snapshot(number).journals)
    world.pen.error = None
    world.tickets.look(issue)
    check_signed(world, number)


def sent(world: Sealed) -> str:
    """A ticket whose requester has just signed two documents with a code; its number."""
    number = world.submit()
    world.work()
    world.walk(number, "balasan-sla-ba")
    snapshot = world.snapshot(number)
    assert snapshot.state is not None
    shown = {each.field: each.number for each in snapshot.state.documents if not each.replaced_by}
    action = RequesterAction(
        key="tanda-tangan",
        kind="outcome",
        number=number,
        at=world.clock(),
        step="balasan-sla-ba",
        outcome="dibalas",
        proof=Proof(name="Sari", address="sari@contoh.id", documents=shown),
    )
    world.store.submissions.add_action(action, (), issue=snapshot.issue, now=world.clock())
    return number


def countersigning(call: int) -> tuple[Sealed, str]:
    """The same; the service is killed at its n-th call of anything."""
    world = Sealed(profile="jabar", key="jabar/service-desk")
    number = sent(world)
    issue = world.snapshot(number).issue
    world.arm(call, KilledError, after=call % 2 == 0)
    world.through(issue)
    return world, number


def test_a_code_signs_each_document_once_wherever_the_service_is_killed() -> None:
    calm, _ = countersigning(0)
    for call in range(1, calm.calls + 1):
        world, number = countersigning(call)
        state = world.snapshot(number).state
        assert state is not None
        assert [each.document for each in state.countersigned] == ["dokumen_sla", "dokumen_ba"]
        for name, into in (("dokumen_sla", "balasan_sla"), ("dokumen_ba", "balasan_ba")):
            first, second = [each for each in state.documents if each.field == name]
            assert (first.replaced_by, second.replaced_by, second.void) == (second.number, "", "")
            kept = world.procedure.field(into)
            assert kept is not None
            assert world.snapshot(number).files[kept.key].digest == second.sha256
            row = world.store.register.by_code(second.code)
            assert row is not None
            assert row.sha256 == second.sha256
        assert not [row for row in world.store.register.entries() if row.status == "disiapkan"]


def test_a_signed_document_that_cannot_be_made_is_made_later_into_its_own_field() -> None:
    world = Sealed(profile="jabar", key="jabar/service-desk")
    assert world.pen is not None
    number = sent(world)
    world.pen.error = DocumentError("masa berlaku sertifikat habis")
    world.work()
    waiting = world.snapshot(number).state
    assert waiting is not None
    assert [(each.field, each.into) for each in waiting.unmade if each.into] == [
        ("dokumen_sla", "balasan_sla"),
        ("dokumen_ba", "balasan_ba"),
    ]
    world.pen.error = None
    world.tickets.look(world.snapshot(number).issue)
    done = world.snapshot(number)
    assert done.state is not None
    assert done.state.unmade == ()
    kept = [world.procedure.field(name) for name in ("balasan_sla", "balasan_ba")]
    assert all(field is not None and field.key in done.files for field in kept)
