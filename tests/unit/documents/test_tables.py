"""Tables from what people wrote: lists, costs, scores, files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.documents.indonesian import LARGEST
from connector.documents.money import costs, grouped, quantity_words, rupiah, rupiah_spelled
from connector.documents.tables import costs_table, files_table, lines_table, scores_table
from connector.documents.values import Values
from connector.engine.state import Issued
from connector.errors import DocumentError
from connector.sop.papers import Costs, Lines
from tests.unit.documents import sample


def values(**fields: str) -> Values:
    return Values(sample.order(snapshot=sample.snapshot(**fields)))


def table(found: Any) -> Any:
    assert found is not None
    return found


# lines ----------------------------------------------------------------------------------------------------------


def test_each_line_is_a_row_cut_where_people_cut_it() -> None:
    text = "Ani; analisis dan uji\n2. Budi: dokumentasi\n\n- Citra – perbaikan – malam\nDedi"
    found = table(lines_table(Lines(field="uraian", columns=("Nama", "Tugas")), values(uraian=text)))
    assert found["columns"] == ["No.", "Nama", "Tugas"]
    assert found["rows"] == [
        ["1.", "Ani", "analisis dan uji"],
        ["2.", "Budi", "dokumentasi"],
        ["3.", "Citra", "perbaikan – malam"],
        ["4.", "Dedi", ""],
    ]


def test_a_time_or_an_address_is_not_cut() -> None:
    found = table(
        lines_table(
            Lines(field="uraian", columns=("A", "B")), values(uraian="Pukul 08:30 di https://contoh.id")
        )
    )
    assert found["rows"] == [["1.", "Pukul 08:30 di https://contoh.id", ""]]


def test_no_lines_no_table() -> None:
    assert lines_table(Lines(field="uraian", columns=("A",)), values(uraian="")) is None
    assert lines_table(Lines(field="tidak_ada", columns=("A",)), values()) is None


# costs ----------------------------------------------------------------------------------------------------------


def test_costs_are_summed_and_spelled() -> None:
    text = "Kabel UTP; 100; meter; 8.500\nTitik akses; 2; buah; Rp2.750.000,00\n\nJasa; 2,5; hari; Rp 350000"
    found = table(costs_table(Costs(field="uraian"), values(uraian=text)))
    assert found["rows"] == [
        ["1.", "Kabel UTP", "100", "meter", "8.500", "850.000"],
        ["2.", "Titik akses", "2", "buah", "2.750.000", "5.500.000"],
        ["3.", "Jasa", "2,5", "hari", "350.000", "875.000"],
    ]
    assert found["foot"] == [
        ["Jumlah seluruhnya", "Rp7.225.000"],
        ["Terbilang", "tujuh juta dua ratus dua puluh lima ribu rupiah"],
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Kabel; seratus; meter; 8.500",
        "Kabel; 100; meter",
        "Kabel; 100; meter; 8.500; lagi",
        "Kabel; 1.2; meter; 8.500",
        "Kabel; 100; meter; 8.50",
        "Kabel; -1; meter; 8.500",
    ],
)
def test_a_line_that_cannot_be_read_is_an_error_and_never_left_out_of_a_sum(line: str) -> None:
    with pytest.raises(
        DocumentError, match=r"isian «Uraian.*» baris 2 tidak dapat dibaca; tulis satu barang satu baris"
    ):
        costs_table(Costs(field="uraian"), values(uraian=f"Baik; 1; buah; 1.000\n{line}"))


def test_a_sum_that_cannot_be_spelled_is_an_error() -> None:
    most = f"X; 1; buah; {LARGEST}"
    assert costs(most, "RAB")[0].total == LARGEST
    with pytest.raises(DocumentError, match="terlalu besar"):
        costs_table(Costs(field="uraian"), values(uraian=f"{most}\n{most}"))
    with pytest.raises(DocumentError, match="terlalu besar"):
        costs("X; 2; buah; 999.999.999.999", "RAB")


@given(st.integers(0, 10**6), st.integers(0, 10**5))
def test_what_is_printed_of_a_cost_reads_the_same(quantity: int, price: int) -> None:
    line = f"X; {grouped(quantity)}; buah; {rupiah(price)}"
    (found,) = costs(line, "RAB")
    assert (found.quantity, found.price, found.total) == (Decimal(quantity), price, quantity * price)


def test_quantities_and_sums_in_words() -> None:
    assert [quantity_words(Decimal(each)) for each in ("1250", "2.50", "0.125")] == ["1.250", "2,5", "0,125"]
    assert rupiah_spelled(1_250_000) == "satu juta dua ratus lima puluh ribu rupiah"


# scores ---------------------------------------------------------------------------------------------------------

ASKED = ("u1_persyaratan", "u2_prosedur", "u3_waktu")


def test_scores_with_their_mean_and_index() -> None:
    answered = values(u1_persyaratan="4 Sangat baik", u2_prosedur="3 Baik", u3_waktu="3 Baik")
    found = table(scores_table(ASKED, answered))
    assert found["rows"][0] == ["1.", "Kesesuaian persyaratan dengan jenis layanannya", "Sangat baik", "4"]
    assert found["foot"] == [
        ["Rata-rata", "3,33"],
        ["Indeks kepuasan", "83,33 dari 100, mutu pelayanan B (baik)"],
    ]


@pytest.mark.parametrize(("mark", "grade"), [("1", "D"), ("2", "D"), ("3", "C"), ("4", "A")])
def test_grades(mark: str, grade: str) -> None:
    found = table(scores_table(ASKED[:1], values(u1_persyaratan=f"{mark} Nilai")))
    assert f"mutu pelayanan {grade} (" in found["foot"][1][1]


def test_an_unanswered_question_has_no_mark_and_no_answers_no_table() -> None:
    found = table(scores_table(ASKED, values(u1_persyaratan="2 Kurang baik")))
    assert found["rows"][1][2:] == ["–", "–"]
    assert found["foot"][0] == ["Rata-rata", "2,00"]
    assert scores_table(ASKED, values()) is None


# files ----------------------------------------------------------------------------------------------------------


def test_files_are_listed_with_number_and_digest_and_without_the_list_itself() -> None:
    written = Issued(
        template="naskah",
        field="laporan_uji_coba",
        number="LP-1",
        code="X",
        sha256="0",
        attachment=9,
        at=sample.NOW,
    )
    state = sample.state().model_copy(update={"documents": (written,)})
    found = table(files_table(Values(sample.order(state=state, field="daftar_arsip"))))
    assert found["rows"] == [["1.", "Laporan hasil uji coba", "LP-1", "uji.pdf"]]
    assert files_table(Values(sample.order(state=state, field="laporan_uji_coba"))) is None
