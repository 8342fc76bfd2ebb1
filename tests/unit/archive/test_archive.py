"""Archives: made of the ticket alone, once for each end, and whatever is changed in one is found."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner

from connector.archive.bundle import UnreadableError, check, manifest
from connector.archive.contents import WITHHELD, Scope
from connector.archive.record import records
from connector.archive.service import Archivist
from connector.archive.shelf import Shelf, shelf
from connector.bootstrap import rulebook
from connector.cli import main
from connector.engine.snapshot import Actor, Change, Journal, Snapshot, StoredFile
from connector.errors import ConflictError, PermanentError, RefusedError, TransientError
from connector.ports import Content, IssueChange, Uploaded
from connector.settings import Settings
from connector.sop.model import Archive
from tests.fakes import FakeQueue, FakeRedmine
from tests.unit.documents import sample

ENDED = sample.NOW
PRIVATE = "Pemohon pernah mengeluh kepada rektor."
FILE = b"%PDF-1.7 laporan uji coba"
STRAY = b"\x89PNG foto"


@pytest.fixture
def redmine() -> FakeRedmine:
    return with_ticket(FakeRedmine(lambda: sample.NOW))


def with_ticket(redmine: FakeRedmine) -> FakeRedmine:
    """A ticket that has ended, with a file in a field, an attachment with a hostile name, and a private note."""
    base = sample.snapshot()
    staff = Actor(id=7, name="Budi «<script>»")
    (key,) = base.files
    redmine.attachments = {9: FILE, 11: STRAY}
    redmine.issues[42] = base.model_copy(
        update={
            "closed": True,
            "state": sample.state().model_copy(
                update={"ended": "selesai", "ended_at": ENDED, "token_hash": "RAHASIA"}
            ),
            "files": {key: stored(9, "uji coba.pdf", "application/pdf")},
            "attachments": (stored(11, "../../etc/passwd\u202e.png", "bukan tipe"),),
            "journals": (
                *base.journals,
                Journal(id=2, at=sample.NOW, by=staff, notes="Sudah diperiksa."),
                Journal(id=3, at=sample.NOW, by=staff, notes=PRIVATE, private=True),
            ),
            "last_journal": 3,
            "cursor": 3,
        }
    )
    return redmine


def stored(ref: int, name: str, kind: str) -> StoredFile:
    return StoredFile(id=ref, name=name, size=1, content_type=kind, digest=f"{ref}" * 8, author=7)


def archivist(redmine: FakeRedmine, kept: Shelf | None = None) -> Archivist:
    templates = sample.ROOT / "templates"
    return Archivist(redmine, FakeQueue(), rulebook(sample.CATALOGUE), templates, kept, lambda: sample.NOW)


def made(redmine: FakeRedmine, *, full: bool = True) -> tuple[bytes, bytes]:
    bundle = archivist(redmine).bundle(redmine.issues[42], Scope(full=full))
    one, two = bundle.files.values()
    return one, two


def entries(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(content: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, each in content.items():
            archive.writestr(name, each)
    return target.getvalue()


# what is in it ----------------------------------------------------------------------------------------------


def test_zip_and_pdf_hold_the_same_files_and_are_whole(redmine: FakeRedmine) -> None:
    packed, pdf = made(redmine)
    found = entries(packed)
    assert list(found) == [
        "berkas/00000009-uji-coba.pdf",
        "berkas/00000011-etc-passwd-.png",
        "manifes.json",
        "riwayat.json",
        "riwayat.txt",
    ]
    assert found["berkas/00000009-uji-coba.pdf"] == FILE
    assert {name: each for name, (each,) in pypdf.PdfReader(io.BytesIO(pdf)).attachments.items()} == found
    assert check(packed) == check(pdf) == []
    assert manifest(packed)["ticket"] == sample.NUMBER


def test_the_same_ticket_gives_the_same_bytes(redmine: FakeRedmine) -> None:
    assert made(redmine) == made(with_ticket(FakeRedmine(lambda: sample.NOW + dt.timedelta(days=3))))


def test_the_pdf_says_what_it_is_and_what_is_in_it(redmine: FakeRedmine) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(made(redmine)[1]))
    text = "".join(page.extract_text() for page in pdf.pages)
    for fact in (sample.NUMBER, "#42", "Daftar isi arsip", "riwayat.json", "Hanya untuk petugas"):
        assert fact in text
    xmp = pdf.trailer["/Root"]["/Metadata"].get_data().decode()  # type: ignore[index]
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_a_full_archive_has_private_notes_and_never_the_secret_of_the_link(redmine: FakeRedmine) -> None:
    found = entries(made(redmine)[0])
    assert PRIVATE in found["riwayat.txt"].decode()
    assert PRIVATE in found["riwayat.json"].decode()
    assert not any(b"RAHASIA" in each for each in found.values())


def test_an_archive_for_all_who_see_the_issue_leaves_out_what_they_may_not_see(redmine: FakeRedmine) -> None:
    personal = [field for field in sample.procedure().fields if field.personal]
    assert personal, "the procedure has personal fields"
    full, open_ = (entries(made(redmine, full=full)[0]) for full in (True, False))
    assert PRIVATE not in "".join(each.decode() for name, each in open_.items() if name.startswith("riwayat"))
    assert WITHHELD in open_["riwayat.txt"].decode()
    assert json.loads(open_["manifes.json"])["full"] is False
    shown = json.loads(full["riwayat.json"])["fields"]
    left = json.loads(open_["riwayat.json"])["fields"]
    assert set(shown) - set(left) == {field.key for field in personal} & set(shown) != set()


def test_a_field_of_a_former_procedure_is_left_out_of_an_open_archive(redmine: FakeRedmine) -> None:
    snapshot = redmine.issues[42]
    strange = "field:lain:nik"
    change = Change(what=strange, old="", new="317101")
    journal = Journal(id=4, at=sample.NOW, by=Actor(id=7, name="Budi"), changes=(change,))
    redmine.issues[42] = snapshot.model_copy(
        update={"fields": {**snapshot.fields, strange: "317101"}, "journals": (*snapshot.journals, journal)}
    )
    full, open_ = (entries(made(redmine, full=full)[0]) for full in (True, False))
    for name in ("riwayat.json", "riwayat.txt"):
        assert b"317101" in full[name]
        assert b"317101" not in open_[name]


def test_a_restricted_file_is_left_out_of_an_open_archive(redmine: FakeRedmine) -> None:
    rules = dict(rulebook(sample.CATALOGUE))
    mine = rules[sample.procedure().key]
    fields = tuple(
        each.model_copy(update={"visible_to": ("helpdesk",)}) if each.id == "laporan_uji_coba" else each
        for each in mine.procedure.fields
    )
    rules[mine.procedure.key] = dataclasses.replace(
        mine, procedure=mine.procedure.model_copy(update={"fields": fields})
    )
    snapshot = redmine.issues[42]
    everywhere = snapshot.model_copy(
        update={"attachments": (*snapshot.attachments, *snapshot.files.values())}
    )
    maker = dataclasses.replace(archivist(redmine), rules=rules)
    packed = next(iter(maker.bundle(everywhere, Scope(full=False)).files.values()))
    assert [name for name in entries(packed) if name.startswith("berkas/")] == [
        "berkas/00000011-etc-passwd-.png"
    ]


def test_the_manifest_has_classification_and_retention(redmine: FakeRedmine) -> None:
    rules = dict(rulebook(sample.CATALOGUE))
    mine = rules[sample.procedure().key]
    said = Archive(classification="TI.02.03", retention="5 tahun, lalu dimusnahkan")
    rules[mine.procedure.key] = dataclasses.replace(
        mine, procedure=mine.procedure.model_copy(update={"archive": said})
    )
    maker = dataclasses.replace(archivist(redmine), rules=rules)
    packed, pdf = maker.bundle(redmine.issues[42], Scope(full=True)).files.values()
    assert manifest(packed)["classification"] == "TI.02.03"
    assert "5 tahun, lalu dimusnahkan" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


# what is wrong with one -------------------------------------------------------------------------------------


def test_each_change_is_named(redmine: FakeRedmine) -> None:
    found = entries(made(redmine)[0])
    photo = found.pop("berkas/00000011-etc-passwd-.png")
    found |= {"riwayat.txt": b"lain", "berkas/titipan.exe": b"x"}
    assert photo == STRAY
    assert check(repacked(found)) == [
        "hilang: berkas/00000011-etc-passwd-.png",
        "berubah: riwayat.txt",
        "tidak dikenal: berkas/titipan.exe",
    ]


def test_a_changed_byte_of_a_packed_file_is_found(redmine: FakeRedmine) -> None:
    packed = made(redmine)[0]
    assert check(packed.replace(b"laporan uji", b"laporan ujI")) == ["berubah: berkas/00000009-uji-coba.pdf"]


def test_a_second_entry_of_the_same_name_is_found(redmine: FakeRedmine) -> None:
    target = io.BytesIO(made(redmine)[0])
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("riwayat.txt", "lain")
    assert check(target.getvalue()) == ["berubah: riwayat.txt", "ganda: riwayat.txt"]


def test_a_pdf_with_another_embedded_file_is_found(redmine: FakeRedmine) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made(redmine)[1]))
    writer.add_attachment("titipan.txt", b"x")
    target = io.BytesIO()
    writer.write(target)
    assert check(target.getvalue()) == ["tidak dikenal: titipan.txt"]


@pytest.mark.parametrize(
    "content", [b"", b"halo", b"PK\x03\x04 rusak", b"%PDF-1.7\nrusak", repacked({"a": b""})]
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        check(content)


@pytest.mark.parametrize("said", [b"{}", b"[]", b"\xff", b'{"format": 9, "files": []}'])
def test_a_manifest_that_cannot_be_read_is_refused(said: bytes) -> None:
    with pytest.raises(UnreadableError):
        check(repacked({"manifes.json": said}))


def test_verify_ends_with_0_1_and_2(redmine: FakeRedmine, tmp_path: Path) -> None:
    packed, pdf = made(redmine)
    whole, printed, broken, other = (tmp_path / name for name in ("a.zip", "a.pdf", "b.zip", "c.zip"))
    whole.write_bytes(packed)
    printed.write_bytes(pdf)
    broken.write_bytes(packed.replace(b"laporan uji", b"laporan ujI"))
    other.write_bytes(b"halo")

    def verify(path: Path, *more: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["archive", "verify", str(path), *more])
        return result.exit_code, result.output

    assert verify(whole)[0] == verify(printed)[0] == 0
    assert sample.NUMBER in verify(whole)[1]
    assert verify(whole, "--sha256", "0" * 64)[0] == 1
    assert verify(broken) == (1, "berubah: berkas/00000009-uji-coba.pdf\n1 temuan.\n")
    assert verify(other)[0] == verify(tmp_path / "tidak-ada.zip")[0] == 2


# made once --------------------------------------------------------------------------------------------------


def test_it_is_attached_once_with_a_private_note(redmine: FakeRedmine) -> None:
    maker = archivist(redmine)
    maker.settle("42")
    maker.settle("42")
    snapshot = redmine.issues[42]
    assert [each.name[-4:] for each in snapshot.attachments[1:]] == [".zip", ".pdf"]
    assert snapshot.journals[-1].private
    (record,) = records(snapshot)
    assert [each.sha256 for each in record.files] == [each.digest for each in snapshot.attachments[1:]]
    assert record.ended == ENDED


def test_a_ticket_that_ended_again_gets_a_new_one_that_names_the_old(redmine: FakeRedmine) -> None:
    maker = archivist(redmine)
    maker.settle("42")
    state = redmine.issues[42].state
    assert state is not None
    reopened = state.model_copy(update={"ended": None, "ended_at": None})
    redmine.issues[42] = redmine.issues[42].model_copy(update={"state": reopened})
    maker.settle("42")
    assert len(records(redmine.issues[42])) == 1
    again = state.model_copy(update={"ended_at": ENDED + dt.timedelta(days=2)})
    redmine.issues[42] = redmine.issues[42].model_copy(update={"state": again})
    maker.settle("42")
    first, second = records(redmine.issues[42])
    assert "Menggantikan arsip sebelumnya" in redmine.issues[42].journals[-1].notes
    assert all(each.where in redmine.issues[42].journals[-1].notes for each in first.files)
    packed = next(
        redmine.attachments[each.id]
        for each in redmine.issues[42].attachments
        if each.digest == second.files[0].sha256
    )
    assert [name for name in entries(packed) if "arsip" in name] == []
    assert b"Arsip tiket dibuat" not in entries(packed)["riwayat.json"]


@pytest.mark.parametrize("boundary", ["download", "upload", "before", "after"])
def test_killed_at_any_boundary_it_is_there_once(
    redmine: FakeRedmine, boundary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    name = "commit" if boundary in ("before", "after") else boundary
    real: Callable[..., object] = getattr(redmine, name)

    def killed(*given: object) -> object:
        if boundary != "before":
            real(*given)
        raise KilledError

    maker = archivist(redmine)
    with monkeypatch.context() as patched:
        patched.setattr(redmine, name, killed)
        with pytest.raises(KilledError):
            maker.settle("42")
    archivist(redmine).settle("42")
    assert len(records(redmine.issues[42])) == 1
    assert len(redmine.issues[42].attachments) == 3


def test_what_no_plan_has_seen_yet_comes_first(redmine: FakeRedmine) -> None:
    redmine.staff(42, "helpdesk", IssueChange(notes="Satu lagi"))
    with pytest.raises(ConflictError):
        archivist(redmine).settle("42")


def test_a_file_that_cannot_be_had_leaves_nothing_half_done(redmine: FakeRedmine) -> None:
    del redmine.attachments[11]
    with pytest.raises(TransientError):
        archivist(redmine).settle("42")
    assert records(redmine.issues[42]) == ()


def test_a_redmine_that_takes_no_such_file_is_told_with_the_way_out(
    redmine: FakeRedmine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(filename: str, content_type: str, content: bytes | Content) -> Uploaded:
        raise RefusedError(("berkas terlalu besar",))

    monkeypatch.setattr(redmine, "upload", refuse)
    with pytest.raises(PermanentError, match="SOP_ARCHIVE_LARGE_URL"):
        archivist(redmine).settle("42")


def test_what_redmine_does_not_take_goes_to_the_other_store_with_a_link(
    redmine: FakeRedmine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    upload = redmine.upload

    def small_only(filename: str, content_type: str, content: bytes | Content) -> Uploaded:
        if filename.endswith(".pdf"):
            raise RefusedError(("berkas terlalu besar",))
        return upload(filename, content_type, content)

    monkeypatch.setattr(redmine, "upload", small_only)
    maker = dataclasses.replace(archivist(redmine), large=shelf(str(tmp_path), "SOP_ARCHIVE_LARGE_URL"))
    maker.settle("42")
    (record,) = records(redmine.issues[42])
    where = {each.kind: each for each in record.files}
    [path] = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert where["PDF"].where == f"file://{path}"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == where["PDF"].sha256
    # all who see the ticket may read the link: it holds no more than what is attached
    assert manifest(path.read_bytes())["full"] is False
    assert where["ZIP"].sha256 in {each.digest for each in redmine.issues[42].attachments}
    maker.settle("42")
    assert len(records(redmine.issues[42])) == 1


def test_a_store_keeps_the_full_archive_and_the_ticket_its_address(
    redmine: FakeRedmine, tmp_path: Path
) -> None:
    archivist(redmine, shelf(str(tmp_path))).settle("42")
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert {path.suffix for path in files} == {".pdf", ".zip"}
    assert len(files) == 2
    assert {path.parent for path in files} == {tmp_path / "unj" / "2026" / "permohonan-layanan-teknis"}
    assert all(check(path.read_bytes()) == [] and manifest(path.read_bytes())["full"] for path in files)
    (record,) = records(redmine.issues[42])
    assert sorted(each.where for each in record.files) == [f"file://{path}" for path in files]
    assert len(redmine.issues[42].attachments) == 1


def test_a_store_that_does_not_answer_is_tried_again_and_its_address_not_told(
    redmine: FakeRedmine, tmp_path: Path
) -> None:
    (tmp_path / "berkas").write_text("bukan folder")
    with pytest.raises(TransientError) as told:
        archivist(redmine, shelf(str(tmp_path / "berkas"))).settle("42")
    assert str(tmp_path) not in str(told.value)
    assert records(redmine.issues[42]) == ()


def test_the_duty_asks_once_for_each_end(redmine: FakeRedmine) -> None:
    maker = archivist(redmine)
    maker.tick()
    assert maker.queue.counts(now=sample.NOW)["due"] == 1
    job = maker.queue.claim("w", now=sample.NOW, lease=dt.timedelta(minutes=1))
    assert job is not None
    assert job.key == "archive:42"
    maker.queue.finish(job)
    maker.tick()
    assert maker.queue.counts(now=sample.NOW)["due"] == 0


def test_nobody_else_can_say_that_a_ticket_was_archived(redmine: FakeRedmine) -> None:
    archivist(redmine).settle("42")
    notes = redmine.issues[42].journals[-1].notes
    fresh = with_ticket(FakeRedmine(lambda: sample.NOW))
    fresh.staff(42, "helpdesk", IssueChange(notes=notes))
    assert records(fresh.issues[42]) == ()


def test_the_index_goes_by_year_and_procedure(
    redmine: FakeRedmine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    archivist(redmine).settle("42")

    class Known:
        def __init__(self, *_: object) -> None:
            self.redmine, self.rules = redmine, rulebook(sample.CATALOGUE)
            self.settings, self.clock = Settings(), lambda: sample.NOW

    monkeypatch.setattr("connector.commands.archive.Application", Known)
    monkeypatch.setattr("connector.commands.archive.settings", lambda *_: None)
    text = CliRunner().invoke(main, ["archive", "index", "--year", "2026"]).output
    assert text.startswith("2026  unj/permohonan-layanan-teknis  (tanpa klasifikasi)")
    assert f"{sample.NUMBER}  #42  arsip-{sample.NUMBER}" in text
    assert (
        CliRunner().invoke(main, ["archive", "index", "--year", "2025"]).output
        == "Tidak ada tiket yang berakhir.\n"
    )
    read = json.loads(CliRunner().invoke(main, ["archive", "index", "--format", "json"]).output)
    assert read[0]["issue"] == 42
    target = tmp_path / "indeks.pdf"
    told = CliRunner().invoke(main, ["archive", "index", "--year", "2026", "--out", str(target)])
    assert told.output == f"{target}\n"
    page = "".join(pypdf.PdfReader(target).pages[0].extract_text().split())
    (record,) = records(redmine.issues[42])
    for said in ("Daftararsip2026", sample.NUMBER, *(each.sha256 for each in record.files)):
        assert said in page.replace("\u200b", "")


def test_a_ticket_of_another_procedure_or_none_is_left_alone(redmine: FakeRedmine) -> None:
    archivist(redmine).settle("43")
    other: Snapshot = redmine.issues[42].model_copy(update={"state": None})
    redmine.issues[42] = other
    archivist(redmine).settle("42")
    assert redmine.issues[42] == other
