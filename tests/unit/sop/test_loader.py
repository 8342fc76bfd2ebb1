# ruff: noqa: E501 - a message is one line, as its author sees it
"""Each rule of the mappings has one bad example, with the message its author sees and where it points."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import MappingError
from connector.sop.loader import load
from tests.unit.sop.bad_mappings import ALERTS, ALL, BAD, FILES, ORG, ORGANIZATION, POS, PROCEDURE, SHARED


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def findings(root: Path, files: dict[str, str], profiles: tuple[str, ...] = ()) -> list[str]:
    write(root, files)
    try:
        load(root, profiles)
    except MappingError as error:
        return list(error.findings)
    return []


def changed(name: str, *changes: tuple[str, str]) -> dict[str, str]:
    text = FILES[name]
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return {**FILES, name: text}


@pytest.mark.parametrize(("rule", "name", "changes", "expected"), BAD, ids=[each[0] for each in BAD])
def test_a_bad_mapping_is_refused_where_it_is_bad(
    tmp_path: Path, rule: str, name: str, changes: list[tuple[str, str]], expected: list[str]
) -> None:
    assert findings(tmp_path, changed(name, *changes)) == expected


def test_the_good_example_is_good(tmp_path: Path) -> None:
    assert findings(tmp_path, FILES) == []


def test_all_errors_of_all_files_come_at_once(tmp_path: Path) -> None:
    files = {
        ALL: SHARED.replace("type: paragraph", "type: paragraf"),
        ORG: ORGANIZATION.replace("ticket_prefix: UJI", "ticket_prefix: uji").replace(
            "kind: told", "kind: tolt"
        ),
        POS: PROCEDURE,
    }
    assert findings(tmp_path, files) == [
        "bersama.yaml:3:62: «paragraf» tidak dikenal; mungkin maksud Anda «paragraph»; pilihannya: text, paragraph, number, date, choice, identity, email, emails, phone, file, consent",
        "uji/organization.yaml:5:16: «uji» tidak dapat dipakai untuk «ticket_prefix»: pakai 2 sampai 8 huruf besar, misalnya «UNJ»",
        "uji/organization.yaml:18:63: «tolt» tidak dikenal; mungkin maksud Anda «told»; pilihannya: staff, requester, told, override",
    ]


def test_an_empty_file_a_wrong_encoding_and_an_empty_folder_are_said(tmp_path: Path) -> None:
    write(tmp_path, {ORG: ORGANIZATION, POS: "# belum ada isinya\n"})
    (tmp_path / ALL).write_bytes(b"fields:\n  - {id: nama, name: Nam\xe9}\n")
    assert findings(tmp_path, {}) == [
        "bersama.yaml:1:1: bukan teks UTF-8 (bita ke-33)",
        "uji/layanan.yaml:1:1: berkas ini kosong",
    ]
    empty = tmp_path / "kosong"
    empty.mkdir()
    (found,) = findings(empty, {})
    assert found == f"{empty}:1:1: tidak ada organisasi di sini; buat ORGANISASI/organization.yaml"


def test_an_unknown_profile_is_said(tmp_path: Path) -> None:
    assert findings(tmp_path, FILES, ("ujii",)) == [
        f"{tmp_path}:1:1: organisasi «ujii» tidak ada; mungkin maksud Anda «uji»"
    ]


def other(text: str, *changes: tuple[str, str]) -> str:
    for old, new in (("id: layanan\n", "id: susulan\n"), ("tracker: Layanan Uji", "tracker: Lain"), *changes):
        assert old in text
        text = text.replace(old, new)
    return text


FIELDS = (("name: Jenis,", "name: Jenis lain,"), ("name: Hasil,", "name: Hasil lain,"), ("name: Surat,", "name: Surat lain,"))  # fmt: skip


def test_names_that_redmine_has_once_are_unique_among_all_procedures(tmp_path: Path) -> None:
    assert findings(tmp_path, {**FILES, "uji/susulan.yaml": other(PROCEDURE, *FIELDS)}) == []
    clash = other(PROCEDURE, *FIELDS[1:]).replace("tracker: Lain", "tracker: layanan uji")
    assert findings(tmp_path, {**FILES, "uji/susulan.yaml": clash}) == [
        "uji/susulan.yaml:4:10: nama «layanan uji» sudah dipakai oleh uji/layanan; di Redmine nama ini hanya boleh satu",
        "uji/susulan.yaml:14:23: nama «Jenis» sudah dipakai oleh field:uji/layanan:jenis; di Redmine nama ini hanya boleh satu",
    ]


def test_an_alert_belongs_to_one_procedure(tmp_path: Path) -> None:
    first = PROCEDURE.replace("registrars: [meja]\n", ALERTS)
    second = other(first, *FIELDS)
    (clash,) = findings(tmp_path / "a", {**FILES, POS: first, "uji/susulan.yaml": second})
    assert clash == "uji/susulan.yaml:12:3: sebuah peringatan dapat juga milik uji/layanan; bedakan match-nya"
    apart = second.replace("{layanan: web}", "{layanan: jaringan, tim: inti}")
    assert findings(tmp_path / "b", {**FILES, POS: first, "uji/susulan.yaml": apart}) == []


def test_a_status_is_open_or_closed_and_written_one_way_in_all_procedures(tmp_path: Path) -> None:
    clash = other(PROCEDURE, *FIELDS, ("status: Pengerjaan", "status: Dibatalkan"), ("status: Dibatalkan,", "status: pemeriksaan,"))  # fmt: skip
    clash = clash.replace("status: Pemeriksaan", "status: Telaah")
    assert findings(tmp_path, {**FILES, "uji/susulan.yaml": clash}) == [
        "uji/susulan.yaml:33:13: status «Dibatalkan» (terbuka) bertentangan dengan «Dibatalkan» (tertutup) pada uji/layanan; di Redmine keduanya satu status",
        "uji/susulan.yaml:53:25: status «pemeriksaan» (tertutup) bertentangan dengan «Pemeriksaan» (terbuka) pada uji/layanan; di Redmine keduanya satu status",
    ]


def test_two_organizations_may_not_share_names(tmp_path: Path) -> None:
    second = ORGANIZATION.replace("id: uji\n", "id: dua\n").replace("Kepala Uji", "Kepala Dua")
    found = findings(tmp_path, {**FILES, "dua/organization.yaml": second})
    assert found == [
        "uji/organization.yaml:15:41: nama «Pemohon Uji» sudah dipakai oleh role:dua:pemohon; di Redmine nama ini hanya boleh satu",
        "uji/organization.yaml:16:43: nama «Meja Uji» sudah dipakai oleh role:dua:meja; di Redmine nama ini hanya boleh satu",
        "uji/organization.yaml:18:46: nama «Surat Uji» sudah dipakai oleh role:dua:surat; di Redmine nama ini hanya boleh satu",
        "uji/organization.yaml:5:16: nama «UJI» sudah dipakai oleh dua; di Redmine nama ini hanya boleh satu",
        "uji/organization.yaml:7:23: nama «uji-tik» sudah dipakai oleh dua; di Redmine nama ini hanya boleh satu",
    ]


def test_who_is_told_at_an_address_of_the_ticket_needs_a_ticket_that_asks_for_it(tmp_path: Path) -> None:
    files = {
        ORG: ORGANIZATION.replace("kind: told}", "kind: told, address: surel}"),
        POS: PROCEDURE.replace("{to: [pemohon], text", "{to: [surat], text"),
    }
    (missing,) = findings(tmp_path / "a", {**FILES, **files})
    assert missing == (
        "uji/layanan.yaml:50:19: alamat peran «surat» ada di isian «surel» (type emails), yang tidak ada di POS ini"
    )
    files[ALL] = SHARED + "  - {id: surel, name: Surel, label: Surel, type: emails}\n"
    files[POS] = files[POS].replace("outputs: [hasil]", "outputs: [hasil, surel]")
    assert findings(tmp_path / "b", {**FILES, **files}) == []


# what is read -------------------------------------------------------------------------------------------------


def test_a_field_comes_from_the_nearest_place_and_says_which(tmp_path: Path) -> None:
    nearer = ORGANIZATION + "fields:\n  - {id: nama, name: Nama lengkap, label: Nama lengkap, type: text}\n"
    write(tmp_path, {**FILES, ORG: nearer})
    procedure = load(tmp_path).procedures[0]
    assert [(field.id, field.scope) for field in procedure.fields] == [
        ("nama", "uji"),
        ("jenis", "uji/layanan"),
        ("hasil", "uji/layanan"),
        ("surat", "uji/layanan"),
        ("perbaikan", "bersama"),
    ]
    assert procedure.field("nama").name == "Nama lengkap"  # type: ignore[union-attr]
    assert procedure.requesters == ("pemohon",)
    assert procedure.profile == "uji"


def version(root: Path, files: dict[str, str]) -> str:
    return load(write(root, files)).procedures[0].version


def test_the_version_is_of_the_content_not_of_its_looks(tmp_path: Path) -> None:
    first = version(tmp_path / "a", FILES)
    commented = {name: f"# catatan\n\n{text}\n# akhir\n" for name, text in FILES.items()}
    assert version(tmp_path / "b", commented) == first
    assert version(tmp_path / "c", changed(POS, ("limit: 30 menit", "limit: 31 menit"))) != first
    assert version(tmp_path / "d", changed(ALL, ("label: Nama,", "label: Nama lengkap,"))) != first
    unused = SHARED + "  - {id: lain, name: Lain, label: Lain, type: text}\n"
    assert version(tmp_path / "e", {**FILES, ALL: unused}) == first


@given(
    st.lists(st.integers(0, len(PROCEDURE.splitlines()) - 1), min_size=1, max_size=4, unique=True),
    st.sampled_from(["", "x", "  ", "- ", "#", "{", '"', "id: ", "roles: [a]"]),
)
def test_whatever_is_broken_the_author_gets_places_and_no_traceback(
    tmp_path_factory: pytest.TempPathFactory, lines: list[int], junk: str
) -> None:
    text = [junk if i in lines else line for i, line in enumerate(PROCEDURE.splitlines())]
    root = tmp_path_factory.mktemp("rusak")
    for finding in findings(root, {**FILES, POS: "\n".join(text) + "\n"}):
        name, line, column, message = finding.split(":", 3)
        assert name == POS
        assert 1 <= int(line) <= len(text) + 1
        assert int(column) >= 1
        assert message.strip()
