"""Each document has one number, one row and one file, wherever the service is killed; what came to nothing is void."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

import pytest

from connector.engine.progress import Rules
from connector.engine.state import Issued, TicketState
from connector.errors import ConflictError, PermanentError, TransientError
from connector.ports import IssueChange, PaperStatus, Registered
from connector.process import Tickets
from connector.sop.model import Letter, Organization
from tests.fakes import FakeRegister, FakeStore
from tests.world import World

FIELD, BEFORE, MADE_IN = "berita_acara", "uji-coba", "pengarsipan"
LETTER = Letter(pattern="{urut:03}/UN39.17/BA/{bulan_romawi}/{tahun}")
FIRST, SECOND = "001/UN39.17/BA/XI/2026", "002/UN39.17/BA/XI/2026"
THIRD = "003/UN39.17/BA/XI/2026"
PARTS = ("queue", "outbox", "warnings", "clocks", "numbers", "register", "submissions", "books")


class KilledError(BaseException):
    """The process is gone."""


class Office(World):
    """A world whose Berita Acara has a letter's number, and whose service fails once: at its n-th call of anything."""

    fatal = ""

    def _tickets(self) -> Tickets:
        made = super()._tickets()
        book = {key: replace(rules, organization=_lettered(rules)) for key, rules in made.rulebook.items()}
        return replace(made, rulebook=book)

    def arm(self, call: int, harm: type[BaseException], *, after: bool) -> None:
        self.calls, self.last, self.harm, self.after, self.inside = 0, call, harm, after, False
        for part in [getattr(self.store, name) for name in PARTS] + [self.redmine]:
            for name in dir(type(part)):
                if not name.startswith("_") and callable(getattr(part, name)) and name != "staff":
                    self._wrap(part, name)

    def _wrap(self, part: object, name: str) -> None:
        real: Callable[..., object] = getattr(part, name)

        def fatal(*args: object, **named: object) -> object:
            if self.inside:
                return real(*args, **named)  # one transaction
            self.calls += 1
            mine = self.calls == self.last
            if mine and not self.after:
                self._fail(part, name)
            self.inside = True
            try:
                done = real(*args, **named)
            finally:
                self.inside = False
            if mine:
                self._fail(part, name)
            return done

        setattr(part, name, fatal)

    def _fail(self, part: object, name: str) -> None:
        self.fatal = f"{type(part).__name__}.{name}"
        raise self.harm

    def through(self, issue: int) -> None:
        """Work until nothing is left; what was killed is begun again when its lease has run out."""
        while self.store.jobs:
            with suppress(KilledError, TransientError):
                self.work()
            self.clock.forward(minutes=2)
        self.inside = True  # nothing fails any more
        self.store.queue.put(f"issue:{issue}", now=self.clock())
        self.work()


def _lettered(rules: Rules) -> Organization:
    return rules.organization.model_copy(update={"letters": {"berita-acara": LETTER}})


def state_of(world: World, number: str) -> TicketState:
    state = world.snapshot(number).state
    assert state is not None
    return state


def made(world: World, number: str) -> tuple[Issued, ...]:
    return tuple(each for each in state_of(world, number).documents if each.field == FIELD)


def register(world: World) -> list[Registered]:
    return [each for each in world.store.register.entries() if each.field == FIELD]


def ready(world: World) -> tuple[str, int]:
    """A ticket whose next move makes the document."""
    number = world.submit()
    world.work()
    world.walk(number, BEFORE)
    return number, world.snapshot(number).issue


def bring(world: Office, number: str, call: int, harm: type[BaseException], *, after: bool) -> None:
    """The move that makes the document, with a service that fails once."""
    snapshot = world.snapshot(number)
    step = world.procedure.step(BEFORE)
    assert step is not None
    world.clock.forward(minutes=25)
    change = world._change(step, {}, "Pengarsipan")
    world.redmine.staff(snapshot.issue, step.roles[0], change)
    world.store.queue.put(f"issue:{snapshot.issue}", now=world.clock())
    world.arm(call, harm, after=after)
    world.through(snapshot.issue)


def notes(world: World, number: str) -> list[str]:
    written = world.snapshot(number).journals
    lines = [line for each in written for line in each.notes.splitlines() if line.startswith("**Dokumen")]
    return [line for line in lines if "/UN39.17/BA/" in line]


def check_once(world: World, number: str) -> None:
    [document] = made(world, number)
    [row] = register(world)
    field = world.procedure.field(FIELD)
    assert field is not None
    file = world.snapshot(number).files[field.key]
    content = world.redmine.attachments[file.id]
    assert document.number == row.number == FIRST
    assert (row.status, row.attachment, row.issue) == (
        PaperStatus.VALID,
        file.id,
        world.snapshot(number).issue,
    )
    assert row.sha256 == document.sha256 == hashlib.sha256(content).hexdigest()
    kept = [content for content in world.redmine.attachments.values() if FIRST.encode() in content]
    assert len(kept) == 1
    assert notes(world, number) == [f"**Dokumen {FIRST} terbit**. Kode verifikasi: {document.code}."]


def test_a_document_is_issued_with_a_letters_number_and_its_ticket_says_so() -> None:
    world = Office()
    number, _ = ready(world)
    bring(world, number, 0, KilledError, after=False)
    check_once(world, number)
    [document] = made(world, number)
    assert (document.series, document.year, document.sequence) == ("unj/berita-acara", 2026, 1)


@pytest.mark.parametrize("harm", [KilledError, TransientError])
@pytest.mark.parametrize("after", [False, True])
def test_a_document_is_made_once_wherever_the_service_fails(harm: type[BaseException], after: bool) -> None:
    calm = Office()
    number, _ = ready(calm)
    bring(calm, number, 0, harm, after=after)
    passed = set()
    for call in range(1, calm.calls + 1):
        world = Office()
        number, _ = ready(world)
        bring(world, number, call, harm, after=after)
        assert world.fatal
        passed.add(world.fatal)
        check_once(world, number)
    assert passed >= {
        *(
            "FakeRedmine.read",
            "FakeRedmine.upload",
            "FakeRedmine.commit",
            "FakeQueue.claim",
            "FakeQueue.finish",
        ),
        *("FakeRegister.allotted", "FakeRegister.allot", "FakeRegister.record", "FakeOutbox.hold"),
    }


def test_a_retry_prints_what_was_kept_and_nothing_newer() -> None:
    world = Office()
    number, issue = ready(world)
    uploads: list[bytes] = []
    upload, commit = world.redmine.upload, world.redmine.commit

    def kept(filename: str, content_type: str, content: bytes) -> object:
        uploads.append(content)
        return upload(filename, content_type, content)

    def away(*_: object) -> object:
        raise TransientError

    world.redmine.commit = away  # type: ignore[method-assign,assignment]
    step = world.procedure.step(BEFORE)
    assert step is not None
    world.redmine.staff(issue, step.roles[0], world._change(step, {}, "Pengarsipan"))
    world.redmine.upload = kept  # type: ignore[method-assign,assignment]
    for _ in range(3):
        with pytest.raises(TransientError):
            world.tickets.look(issue)
        world.clock.forward(days=1)
        # what is printed has changed since
        name = world.procedure.field("nama_pemohon")
        assert name is not None
        world.redmine.staff(issue, "helpdesk", IssueChange(fields={name.key: "Nama Lain"}))
    world.redmine.commit = commit  # type: ignore[method-assign]
    world.tickets.look(issue)
    assert len(uploads) == 4
    assert len(set(uploads)) == 1
    check_once(world, number)


def test_a_document_that_is_made_again_replaces_the_former() -> None:
    world = Office()
    number, _ = ready(world)
    world.walk(number, MADE_IN)
    world.walk(number, "penerimaan-survei")
    back = world.procedure.step("penerimaan-survei")
    assert back is not None
    again = next(
        name
        for name, out in back.outcomes.items()
        if out.to in ("uji-coba", "pengecekan-hasil", "pelaksanaan")
    )
    world.move(number, again)
    world.walk(number, MADE_IN)
    # the second one came with the signature of the head of the office
    first, second, third = made(world, number)
    assert (first.number, first.replaced_by) == (FIRST, SECOND)
    assert (second.number, second.replaced_by, second.void) == (SECOND, THIRD, "")
    assert (third.number, third.replaced_by, third.void) == (THIRD, "", "")
    assert [(row.status, row.replaced_by) for row in register(world)] == [
        (PaperStatus.REPLACED, SECOND),
        (PaperStatus.REPLACED, THIRD),
        (PaperStatus.VALID, ""),
    ]
    assert notes(world, number)[1].startswith(f"**Dokumen {SECOND} terbit**, menggantikan {FIRST}.")


def signatures(row: Registered) -> list[str]:
    assert row.data is not None
    return [each["note"].partition(" pada ")[0] for each in row.data["signers"]]


def test_a_document_is_issued_again_with_each_signature_that_the_mapping_names() -> None:
    world = Office()
    number, _ = ready(world)
    world.walk(number, "penerimaan-survei")
    world.walk(number, "penutupan")
    waiting, approved = "Menunggu persetujuan secara elektronik", "Disetujui secara elektronik oleh"
    stated = "Menunggu pernyataan secara elektronik"
    rows = register(world)
    assert [signatures(row) for row in rows] == [
        [waiting, stated, waiting],
        [
            f"{approved} Kepala Pustikom",
            stated,
            f"{approved} Kepala Divisi Layanan dan Pangkalan Data",
        ],
        [
            f"{approved} Kepala Pustikom",
            "Dicatat oleh petugas atas nama Pemohon",
            f"{approved} Kepala Divisi Layanan dan Pangkalan Data",
        ],
    ]
    field = world.procedure.field(FIELD)
    assert field is not None
    assert world.snapshot(number).files[field.key].id == rows[2].attachment


def begun_in_vain(world: Office) -> tuple[str, int]:
    """The document got its number; then staff's move was lost before the ticket knew of it."""
    number, issue = ready(world)
    before = world.redmine.issues[issue]
    step = world.procedure.step(BEFORE)
    assert step is not None
    commit = world.redmine.commit

    def overtaken(*_: object) -> object:
        raise ConflictError

    world.redmine.staff(issue, step.roles[0], world._change(step, {}, "Pengarsipan"))
    world.redmine.commit = overtaken  # type: ignore[method-assign,assignment]
    with pytest.raises(ConflictError):
        world.tickets.look(issue)
    world.redmine.commit = commit  # type: ignore[method-assign]
    world.redmine.issues[issue] = before  # the move's journal was deleted
    return number, issue


def test_a_number_given_in_vain_is_void_in_register_state_and_history_and_never_given_again() -> None:
    world = Office()
    number, issue = begun_in_vain(world)
    assert [row.status for row in register(world)] == [PaperStatus.ALLOTTED]
    world.tickets.look(issue)
    [void] = made(world, number)
    assert (void.number, void.void) == (FIRST, "keadaan tiket berubah sebelum dokumen terbit")
    [row] = register(world)
    assert (row.status, row.reason, row.sha256) == (PaperStatus.VOID, void.void, "")
    assert "Nomornya tidak dipakai lagi" in notes(world, number)[0]
    last = world.snapshot(number).last_journal
    world.tickets.look(issue)
    assert world.snapshot(number).last_journal == last
    world.walk(number, MADE_IN)
    assert [each.number for each in made(world, number)] == [FIRST, SECOND]
    assert [row.status for row in register(world)] == [PaperStatus.VOID, PaperStatus.VALID]


def test_what_was_begun_for_a_ticket_that_is_gone_is_void() -> None:
    world = Office()
    _, issue = begun_in_vain(world)
    del world.redmine.issues[issue]
    world.tickets.look(issue)
    [row] = register(world)
    assert row.status is PaperStatus.VOID
    assert "tidak ada lagi" in row.reason


def test_no_number_is_given_before_the_register_is_restored() -> None:
    world = Office()
    number, issue = ready(world)
    world.store.books._ready = False  # type: ignore[attr-defined]
    step = world.procedure.step(BEFORE)
    assert step is not None
    world.redmine.staff(issue, step.roles[0], world._change(step, {}, "Pengarsipan"))
    with pytest.raises(TransientError):
        world.tickets.look(issue)
    assert register(world) == []
    world.store.books.set_ready()
    world.tickets.look(issue)
    check_once(world, number)


def test_an_empty_register_is_filled_from_the_ticket_and_goes_on_after_it() -> None:
    world = Office()
    number, issue = ready(world)
    world.walk(number, MADE_IN)
    [before] = register(world)
    assert isinstance(world.store, FakeStore)
    assert isinstance(world.store.register, FakeRegister)
    world.store.register.rows.clear()
    world.store.register.last.clear()
    world.tickets.look(issue)
    [after] = register(world)
    assert after == replace(before, data=None)
    assert world.store.register.last["unj/berita-acara", 2026] == 1


def test_without_a_pattern_a_document_has_its_tickets_number() -> None:
    world = World()
    number, _ = ready(world)
    world.walk(number, MADE_IN)
    assert [each.number for each in made(world, number)] == [f"BA-{number}"]


def test_a_document_that_cannot_be_printed_keeps_its_number_for_the_next_attempt() -> None:
    world = Office()
    number, issue = ready(world)
    documents = world.tickets.performer.documents
    service = documents.service  # type: ignore[attr-defined]
    renderer = service._renderer

    class Broken:
        def render(self, template: str, data: Mapping[str, object], *, now: object) -> bytes:
            raise PermanentError("templat")

    step = world.procedure.step(BEFORE)
    assert step is not None
    world.redmine.staff(issue, step.roles[0], world._change(step, {}, "Pengarsipan"))
    service._renderer = Broken()
    with pytest.raises(PermanentError):
        world.tickets.look(issue)
    assert [row.number for row in register(world)] == [FIRST]
    service._renderer = renderer
    world.tickets.look(issue)
    check_once(world, number)
