"""When documents are ordered: on entering a step, by the outcome that leaves it, and when a ticket is received."""

from __future__ import annotations

from dataclasses import replace

from connector.engine.effects import MakeDocument
from connector.engine.panel import panel
from connector.engine.plan import plan_submission
from connector.engine.progress import Rules
from connector.engine.snapshot import Submission, SubmittedFile
from connector.sop.access import access_of, needs_of
from connector.sop.model import Need, Output, OutputKind, Procedure
from connector.sop.papers import Block, DocumentDef
from tests.small import FORM, MONDAY, RULES, FakeTicket
from tests.world import rules_of_all

DOCUMENT = Output(id="berita-acara", kind=OutputKind.DOCUMENT)


def rules(step: str, output: Output, needed: str | None = None) -> Rules:
    """The small procedure with its document left by another step, and needed by one."""
    steps = []
    for each in RULES.procedure.steps:
        outputs = tuple(o for o in each.outputs if o.kind is not OutputKind.DOCUMENT)
        needs = tuple(need for need in each.needs if need.field != "berita-acara")
        needs += (Need(field="berita-acara"),) if each.id == needed else ()
        steps.append(
            each.model_copy(
                update={"outputs": (*outputs, output) if each.id == step else outputs, "needs": needs}
            )
        )
    return replace(RULES, procedure=RULES.procedure.model_copy(update={"steps": tuple(steps)}))


def ordered(ticket: FakeTicket) -> list[tuple[str, str]]:
    return [(each.field_id, each.key) for each in ticket.effects if isinstance(each, MakeDocument)]


APPROVAL = rules("sahkan", DOCUMENT.model_copy(update={"after": ("sah",)}), needed="terima")


def at_approval() -> FakeTicket:
    ticket = FakeTicket.new(APPROVAL, **FORM, regu="A", hasil="beres")
    ticket.settle()
    for role, status in (("meja", "Pengerjaan"), ("teknis-a", "Pengesahan")):
        ticket.move(role, status)
        ticket.settle()
    return ticket


def test_what_an_outcome_makes_is_made_by_that_outcome_only() -> None:
    ticket = at_approval()
    ticket.move("kepala", "Pengerjaan")
    ticket.settle()
    assert ordered(ticket) == []
    ticket.move("teknis-a", "Pengesahan")
    ticket.settle()
    ticket.move("kepala", "Penerimaan")
    ticket.settle()
    assert [field for field, _ in ordered(ticket)] == ["berita-acara"]


def test_the_next_step_begins_with_it_although_nobody_could_have_it_before() -> None:
    """Redmine asks nobody for it, the connector does not put the ticket back, and the panel does not miss it."""
    procedure = APPROVAL.procedure
    assert "berita-acara" not in needs_of(procedure, "terima")
    assert "berita-acara" not in access_of(procedure, ()).required("status:penerimaan")
    ticket = at_approval()
    assert ticket.snapshot.state is not None
    shown = panel(APPROVAL, ticket.snapshot.state, {})
    assert "berita-acara" not in str(shown["moves"])
    ticket.move("kepala", "Penerimaan")
    ticket.settle()
    assert ticket.snapshot.state.repairs == 0
    assert ticket.status == "status:penerimaan"


def test_it_is_made_once_however_often_and_late_the_connector_looks() -> None:
    ticket = at_approval()
    ticket.move("kepala", "Penerimaan")
    ticket.move("meja", "Pengerjaan")  # on the requester's behalf, before anybody looked
    ticket.settle()
    ticket.settle()
    assert len(ordered(ticket)) == 1
    assert ticket.snapshot.state is not None
    assert [stay.step for stay in ticket.snapshot.state.stays][-2:] == ["terima", "kerja"]


def test_each_time_round_has_a_document_and_a_key_of_its_own() -> None:
    ticket = at_approval()
    for _ in range(2):
        ticket.move("kepala", "Penerimaan")
        ticket.settle()
        ticket.move("meja", "Pengerjaan")
        ticket.settle()
        ticket.move("teknis-a", "Pengesahan")
        ticket.settle()
    keys = [key for _, key in ordered(ticket)]
    assert len(keys) == len(set(keys)) == 2


def test_what_comes_before_the_ticket_leaves_its_documents_when_it_is_received() -> None:
    ticket = FakeTicket.new(rules("pengajuan", DOCUMENT), **FORM)
    ticket.settle()
    assert [field for field, _ in ordered(ticket)] == ["berita-acara"]
    ticket.effects.clear()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="x")
    ticket.settle()
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    assert ordered(ticket) == [], "once, also if the request comes back"


def test_a_submission_leaves_its_form_and_receipt_with_the_names_of_its_files() -> None:
    given = rules_of_all()["unj/permohonan-layanan-teknis"]
    file = SubmittedFile(
        field="bukti_pendukung", ref="r", name="foto.jpg", content_type="image/jpeg", size=3, sha256="0" * 64
    )
    submission = Submission(
        id="s",
        procedure=given.procedure.key,
        number="UNJ-2026-000001",
        received=MONDAY,
        token_hash="h",
        fields={"nama_pemohon": "Sari", "identitas": "1301619001"},
        files=(file,),
    )
    planned = plan_submission(given, submission)
    orders = [each for each in planned.effects if isinstance(each, MakeDocument)]
    assert [(each.field_id, each.kind, each.number) for each in orders] == [
        ("formulir_terisi", "formulir", "FOR-UNJ-2026-000001"),
        ("bukti_pendaftaran", "bukti-pendaftaran", "BP-UNJ-2026-000001"),
    ]


def test_every_shipped_document_is_ordered_somewhere() -> None:
    for procedure in load_all():
        made = {
            output.id
            for step in procedure.steps
            for output in step.outputs
            if output.kind is OutputKind.DOCUMENT
        }
        assert made == {document.id for document in procedure.documents}, procedure.key


def load_all() -> tuple[Procedure, ...]:
    return tuple(each.procedure for each in rules_of_all().values())


def test_texts_of_a_document_are_found_wherever_they_stand() -> None:
    said = DocumentDef(
        id="x",
        template="surat",
        kind="surat",
        title="{a}",
        to=("{b}",),
        cc=("{c}",),
        body=(Block(text="{d}"), Block(items=("{e}",)), Block(heading="{f}")),
    )
    assert {text for _, text in said.texts if text} == {"{a}", "{b}", "{c}", "{d}", "{e}", "{f}"}
