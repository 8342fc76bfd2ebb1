"""`connector preview`: what a document will look like, and where it is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from connector.cli import main
from connector.commands import preview
from connector.engine.snapshot import Snapshot
from connector.settings import ROOT
from tests.unit.documents import sample


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, and templates that may be edited."""
    shutil.copytree(ROOT / "templates", tmp_path / "templat")
    monkeypatch.setenv("SOP_TEMPLATES_DIR", str(tmp_path / "templat"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["preview", *words])
    return result.exit_code, result.stdout, result.stderr


def text_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_a_document_with_made_up_contents_and_a_code_that_is_none(here: Path) -> None:
    code, printed, error = run("nota_penugasan")
    assert (code, printed, error) == (0, "nota_penugasan.pdf\n", "")
    text = text_of(here / "nota_penugasan.pdf")
    for words in ("NOTA DINAS", "CONTOH/nota-dinas", "0000-0000-0000", "Penugasan layanan teknis"):
        assert words in text


def test_of_several_procedures_one_is_shown_and_said_or_the_one_that_is_asked_for(here: Path) -> None:
    code, _, error = run("surat_tugas")
    assert code == 0
    assert "unj/pengaduan-masalah-si, unj/permintaan-data-insidental" in error
    asked = ("--procedure", "unj/permintaan-data-insidental", "--out", "data.pdf")
    assert run("surat_tugas", *asked) == (0, "data.pdf\n", "")
    assert "tim data" in text_of(here / "data.pdf")


def test_as_pictures_too(here: Path) -> None:
    code, printed, _ = run("berita_acara", "--png", "--out", "ba.pdf")
    assert (code, printed.split()) == (0, ["ba.pdf", "ba-1.png", "ba-2.png"])
    assert (here / "ba-2.png").read_bytes().startswith(b"\x89PNG")


def test_of_a_ticket_in_redmine(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(issue: int) -> Snapshot:
        assert issue == 42
        return sample.snapshot().model_copy(update={"state": sample.state()})

    monkeypatch.setattr(preview, "_read", read)
    assert run("berita_acara", "--issue", "42")[0] == 0
    text = text_of(here / "berita_acara.pdf")
    assert "UNJ-2026-000123" in text
    assert "Sari Contoh" in text
    assert "0000-0000-0000" in text


def test_a_template_that_is_wrong_is_said_with_file_line_and_column(here: Path) -> None:
    path = here / "templat" / "documents" / "naskah.typ"
    path.write_text(path.read_text(encoding="utf-8") + "\n#data.tidak_ada\n", encoding="utf-8")
    lines = path.read_text(encoding="utf-8").count("\n")
    code, printed, error = run("berita_acara")
    assert (code, printed) == (1, "")
    assert "dokumen dari templat «naskah» tidak dapat dibuat" in error
    assert f"naskah.typ:{lines}:" in error
    assert "tidak_ada" in error
    assert not (here / "berita_acara.pdf").exists()
    assert run("surat_jadwal")[0] == 0, "the other layouts are as good as before"
    bad = here / "templat" / "documents" / "bagian" / "isi.typ"
    bad.write_text("#tidak_ada()\n" + bad.read_text(encoding="utf-8"), encoding="utf-8")
    assert "isi.typ:1:1: unknown variable" in run("surat_jadwal")[2]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("berita_acra",), 2, "dokumen «berita_acra» tidak ada; mungkin maksud Anda «berita_acara»"),
        (("berita_acara", "--procedure", "unj/tidak"), 2, "POS «unj/tidak» tidak ada"),
        (("dokumen_sla", "--procedure", "unj/pengaduan-masalah-si"), 2, "dokumen «dokumen_sla» tidak ada"),
        (("berita_acara", "--out", "/tidak/ada/x.pdf"), 1, "tidak dapat ditulis"),
    ],
)
def test_wrong_use_is_said(words: tuple[str, ...], code: int, message: str) -> None:
    found, _, error = run(*words)
    assert found == code
    assert message in " ".join(error.split())
