"""What is overwritten of a ticket: the persons in it, in its history too; nothing that reports are made of."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from connector.engine.state import TicketState
from connector.privacy.wipe import Private, Ticket, staying
from connector.privacy.words import MARK
from connector.settings import ROOT
from connector.sop.keys import NUMBER_FIELD
from connector.sop.loader import load
from connector.sop.model import FieldType
from tests.unit.privacy.sample import body

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
PRIVATE = Private(
    types={1: FieldType.TEXT, 2: FieldType.EMAIL, 3: FieldType.FILE, 9: None},
    fixed=frozenset({5}),
    long=frozenset({4}),
    labels=frozenset({"Bukti"}),
)


def test_fields_that_no_mapping_knows_are_personal_but_never_those_of_the_connector_itself() -> None:
    catalogue = load(ROOT / "sop_mappings", ("unj",))
    known = ("field:bersama:nama_pemohon", "field:bersama:formulir_terisi", "field:bersama:hasil_survei")
    ids = {name: at for at, name in enumerate((*known, "field:unj/lama:nik", NUMBER_FIELD, "status:baru"), 1)}
    private = Private.of(catalogue, ids)
    assert private.types == {1: FieldType.TEXT, 2: FieldType.FILE, 4: None}
    assert private.fixed >= {3, 5}


def test_a_ticket_without_persons_is_left_alone() -> None:
    assert Ticket(body(fields={4: "Jaringan mati", 5: "Aplikasi"}), PRIVATE).wipe().nothing


def test_personal_fields_are_emptied_and_their_words_are_found_elsewhere() -> None:
    seen = body(
        fields={1: "Budi Santoso", 2: "", 4: "Kata Budi Santoso,\nmati", 5: "Budi Santoso", 9: "entah"},
        subject="Permohonan Budi Santoso",
        description="dari budi santoso, 0812 3333 4444",
        notes=("Untuk Budi Santoso", "Selesai"),
        sender={"mail": "b@contoh.id", "name": ""},
    )
    wipe = Ticket(seen, PRIVATE).wipe()
    assert wipe.fields == {"1": None, "9": None, "4": f"Kata {MARK},\nmati"}
    assert wipe.texts == {"subject": f"Permohonan {MARK}", "description": f"dari {MARK}, {MARK}"}
    assert wipe.notes == {"11": f"Untuk {MARK}"}
    assert wipe.forget_sender


def test_the_history_says_that_something_changed_but_not_what() -> None:
    changes = [
        ("cf", "1", "Budi Lama", "Budi Baru"),
        ("cf", "4", "oleh Budi Lama", None),
        ("attr", "status_id", "1", "2"),
        ("attr", "subject", "Budi Baru", "Lain"),
        ("cf", "5", "Budi Lama", "Aplikasi"),
    ]
    wipe = Ticket(body(fields={1: "Budi Baru"}, changes=changes), PRIVATE).wipe()
    assert wipe.details == {"21": (MARK, MARK), "22": (f"oleh {MARK}", None), "24": (MARK, "Lain")}


def test_personal_files_go_the_earlier_ones_too_and_others_stay() -> None:
    files = {101: "ktp.pdf"}
    kept = {100: "ktp-lama.pdf", 102: "ktp-2.pdf", 103: "Surat Budi Santoso.pdf", 104: "peta.pdf"}
    seen = body(
        fields={1: "Budi Santoso", 3: "101"},
        files={3: files},
        attachments=kept,
        descriptions={102: "Bukti"},
        changes=[
            ("cf", "3", "100", "101"),
            ("attachment", "102", None, "ktp-2.pdf"),
            ("attachment", "104", None, "peta.pdf"),
        ],
    )
    wipe = Ticket(seen, PRIVATE).wipe()
    assert wipe.delete_files == (100, 101, 102)
    assert wipe.files == {"103": {"filename": "Surat dianonimkan.pdf"}}
    assert wipe.details == {"21": (MARK, MARK), "22": (None, MARK)}
    assert wipe.fields["3"] is None


def test_a_letter_goes_whole() -> None:
    wipe = Ticket(body(origin="email", description="Salam,\nSiti, Gedung A"), PRIVATE).wipe()
    assert wipe.texts == {"description": MARK}


def test_the_state_keeps_steps_and_times() -> None:
    seen = body(fields={1: "Budi Santoso"})
    seen["state"]["data"] |= {
        "stays": [{"step": "kerja"}],
        "overrides": [{"by": 3, "reason": "diminta Budi Santoso"}],
    }
    seen["state"]["data"] |= {
        "countersigned": [{"name": "B. Santoso", "address": "b@contoh.id", "number": "1"}],
        "survey": {"marks": {"u1": 4}, "remark": "Salam, Budi Santoso"},
    }
    others: dict[str, Any] = {"countersigned": [], "survey": {}}
    ticket = Ticket(seen, PRIVATE)
    state = ticket.state()
    assert state["overrides"] == [{"by": 3, "reason": f"diminta {MARK}"}]
    assert state["countersigned"] == [{"name": MARK, "address": MARK, "number": "1"}]
    assert state["survey"] == {"marks": {"u1": 4}, "remark": f"Salam, {MARK}"}
    assert {**state, "overrides": [], **others} == {**seen["state"]["data"], "overrides": [], **others}
    now = dt.datetime(2029, 1, 1, tzinfo=dt.UTC)
    request = ticket.wipe().request(seen, "Catatan", state, now)
    assert (request["expected_journal"], request["expected_version"]) == (seen["last_journal"], 4)
    assert request["state"]["anonymized"] == now.isoformat()
    assert "Budi" not in json.dumps(request)


def applied(seen: dict[str, Any]) -> dict[str, Any]:
    """The issue after the plugin did what was asked."""
    wipe = Ticket(seen, PRIVATE).wipe()
    for each in seen["issue"]["custom_fields"]:
        each["value"] = wipe.fields.get(str(each["id"]), each["value"]) or ""
    seen["issue"] |= wipe.texts
    for journal in seen["journals"]:
        journal["notes"] = wipe.notes.get(str(journal["id"]), journal["notes"])
        for detail in journal["details"]:
            both = detail["old_value"], detail["value"]
            detail["old_value"], detail["value"] = wipe.details.get(str(detail["id"]), both)
    for name in ("files", "attachments"):
        seen[name] = [
            each | wipe.files.get(str(each["id"]), {})
            for each in seen[name]
            if each["id"] not in wipe.delete_files
        ]
    seen["sender"] = None
    return seen


def test_done_again_there_is_nothing_left_to_do() -> None:
    seen = body(
        fields={1: "Budi Santoso", 2: "budi@contoh.id", 3: "101", 4: "Budi Santoso\n0812 3333 4444"},
        files={3: {101: "ktp.pdf"}},
        attachments={103: "Surat Budi Santoso.pdf"},
        changes=[
            ("cf", "1", "Budi Lama", "Budi Santoso"),
            ("cf", "3", None, "101"),
            ("attachment", "103", None, "Surat Budi Santoso.pdf"),
        ],
        notes=("Untuk Budi Santoso",),
        description="a@b.id",
    )
    after = applied(seen)
    assert "budi" not in json.dumps(after).casefold()
    assert Ticket(after, PRIVATE).wipe().nothing


def test_a_document_that_was_issued_stays_with_its_place_in_the_history() -> None:
    seen = body(
        fields={1: "Budi Santoso", 3: "101"},
        files={3: {101: "BA Budi Santoso.pdf"}},
        attachments={100: "BA-1.pdf", 102: "ktp.pdf"},
        changes=[("cf", "3", "102", "100"), ("cf", "3", "100", "101")],
    )
    wipe = Ticket(seen, PRIVATE, kept=frozenset({"sha100", "sha101"})).wipe()
    assert wipe.delete_files == (102,)
    assert (wipe.fields, wipe.files) == ({"1": None}, {})
    assert wipe.details == {"21": (MARK, "100")}


def test_the_requester_s_own_form_is_not_kept_though_it_was_issued() -> None:
    documents = [
        {
            "template": "formulir",
            "field": name,
            "number": "1",
            "code": "C",
            "sha256": name,
            "attachment": None,
            "at": NOW,
        }
        for name in ("formulir_terisi", "berita_acara")
    ]
    state = TicketState.model_validate(body(documents=documents)["state"]["data"])
    procedure = load(ROOT / "sop_mappings", ("unj",)).by_key("unj/permohonan-layanan-teknis")
    assert procedure is not None
    assert staying(state, procedure) == {"berita_acara"}
