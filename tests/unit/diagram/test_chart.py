"""What the flowchart of POS 100r says, and of a procedure with corners that 100r has not."""

from __future__ import annotations

from connector.diagram.chart import BEGIN, Chart, Shape, chart_of
from connector.diagram.spoken import described
from connector.settings import ROOT
from connector.sop.loader import load
from connector.sop.model import Procedure, StepKind
from connector.sop.table import MoveKind
from tests.small import ORGANIZATION, PROCEDURE


def of_100r() -> Chart:
    catalogue = load(ROOT / "sop_mappings", ("unj",))
    procedure = catalogue.by_key("unj/permohonan-layanan-teknis")
    assert procedure is not None
    return chart_of(procedure, catalogue.organizations[0])


def changed(**steps: dict[str, object]) -> Procedure:
    made = tuple(step.model_copy(update=steps.get(step.id, {})) for step in PROCEDURE.steps)
    return PROCEDURE.model_copy(update={"steps": made})


def test_pos_100r_has_its_eighteen_rows_in_seven_lanes() -> None:
    chart = of_100r()
    assert [row.no for row in chart.rows] == [*map(str, range(1, 19)), ""]
    assert len(chart.lanes) == 7
    shapes = {row.no: row.shape for row in chart.rows}
    decisions = {no for no, shape in shapes.items() if shape is Shape.DECISION}
    assert decisions == {"3", "11", "12", "13", "14", "17"}
    assert shapes["1"] == shapes[""] == Shape.TERMINATOR
    assert chart.rows[6].lanes == (3, 4)
    assert chart.heading[1] == "Nomor POS 100r/UN39.17/SOP/V/2025; berlaku 9 Mei 2025"


def test_cells_hold_the_mutu_baku() -> None:
    rows = {row.no: row for row in of_100r().rows}
    assert rows["2"].needs == "Formulir Permohonan Layanan IT"
    assert rows["3"].needs == "Uraian kebutuhan, Nomor identitas, Telepon pemohon, Bukti pendukung"
    assert (rows["3"].limit, rows["3"].outputs) == ("30 menit", "Cara verifikasi, Prioritas layanan")
    assert rows["7"].remarks == "Pelaksana menurut isian Koordinator."
    assert rows["17"].remarks == "Dapat diwakili Helpdesk Pustikom."


def test_returns_and_withdrawal_are_told_and_what_is_unsure_is_named() -> None:
    notes = of_100r().notes
    assert "«Menunggu Pemohon»" in notes[0]
    assert "«Dibatalkan»" in notes[1]
    assert notes[3].endswith("pelaksana langkah 3–7, 10–16, 18; hasil langkah 2–7, 10, 15–18.")
    assert notes[4].endswith("pelaksana langkah 8–9; waktu langkah 8–9; hasil langkah 8–9.")


def test_an_end_stands_in_the_last_row_once_and_otherwise_beside_the_step() -> None:
    chart = of_100r()
    capsules = [(arrow.source, arrow.capsule) for arrow in chart.arrows if arrow.aside]
    assert capsules == [
        ("verifikasi-identitas", "Permohonan Ditolak"),
        ("verifikasi-koordinator", "Ditutup Tidak Valid"),
        ("verifikasi-kadiv", "Ditutup Tidak Valid"),
    ]
    assert [arrow.source for arrow in chart.arrows if arrow.target == "selesai"] == ["penutupan"]


def test_a_return_goes_to_the_requesters_step() -> None:
    arrows = [arrow for arrow in of_100r().arrows if arrow.kind is MoveKind.RETURN]
    assert {arrow.target for arrow in arrows} == {"pengajuan"}
    assert [arrow.label for arrow in arrows] == ["dikembalikan"] * 3


def test_without_a_step_before_the_ticket_there_is_a_begin() -> None:
    steps = PROCEDURE.steps[1:]
    outcomes = {name: each for name, each in steps[0].outcomes.items() if each.to != "pengajuan"}
    procedure = PROCEDURE.model_copy(
        update={"steps": (steps[0].model_copy(update={"outcomes": outcomes}), *steps[1:])}
    )
    chart = chart_of(procedure, ORGANIZATION)
    assert (chart.rows[0].id, chart.rows[0].title, chart.rows[0].shape) == (
        BEGIN,
        "Permohonan Masuk",
        Shape.TERMINATOR,
    )
    first = chart.arrows[0]
    assert (first.source, first.target, first.kind) == (BEGIN, "periksa", MoveKind.REGISTER)
    assert not any("Dikembalikan" in note for note in chart.notes)


def test_a_closing_milestone_is_the_row_of_the_end() -> None:
    last = PROCEDURE.steps[0].model_copy(
        update={"no": "6", "id": "tutup", "title": "Selesai", "kind": StepKind.MILESTONE, "roles": ()}
    )
    chart = chart_of(PROCEDURE.model_copy(update={"steps": (*PROCEDURE.steps, last)}), ORGANIZATION)
    row = chart.rows[-1]
    assert (row.no, row.shape, row.lanes) == ("6", Shape.TERMINATOR, (0,))
    assert [arrow.source for arrow in chart.arrows if arrow.target == "tutup"] == ["terima"]


def test_a_duty_stands_beside_the_way() -> None:
    duty = PROCEDURE.steps[2].model_copy(
        update={"no": "3a", "id": "lapor", "kind": StepKind.DUTY, "status": None, "outcomes": {}}
    )
    steps = (*PROCEDURE.steps[:3], duty, *PROCEDURE.steps[3:])
    chart = chart_of(PROCEDURE.model_copy(update={"steps": steps}), ORGANIZATION)
    row = chart.rows[3]
    assert (row.shape, row.remarks) == (Shape.DUTY, "Pelaksana menurut isian Regu. Kewajiban berkala.")
    assert not any("lapor" in (arrow.source, arrow.target) for arrow in chart.arrows)


def test_the_flowchart_can_be_heard() -> None:
    said = described(of_100r())
    assert (
        "Langkah 3: Verifikasi identitas (Helpdesk Pustikom, 30 menit). terverifikasi: ke langkah 4; "
        "dikembalikan: ke langkah 2; ditolak: ke Permohonan Ditolak"
    ) in said
    assert "Koordinator Infrastruktur Jaringan atau Koordinator Programmer" in said
