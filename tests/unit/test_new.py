"""`connector new`: what it writes is good as written, in any mappings; what it cannot write it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.cli import main
from connector.settings import ROOT
from connector.sop.loader import load
from tests.unit.sop.bad_mappings import FILES, ORG, ORGANIZATION

TEMPLATES = {path.stem for path in (ROOT / "templates" / "documents").glob("*.typ")}
PROFILES = [organization.id for organization in load(ROOT / "sop_mappings").organizations]


def run(*words: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


def small(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "sop_mappings", tmp_path / "pemetaan"))


@pytest.mark.parametrize("profile", PROFILES)
def test_what_it_writes_passes_lint_for_every_organization_and_twice(mappings: Path, profile: str) -> None:
    before = len(load(mappings).procedures)
    for name in ("pengajuan-subdomain", "pengajuan-subdomain-susulan"):
        path = mappings / profile / f"{name}.yaml"
        code, printed, _ = run("new", profile, name, "--mappings", mappings)
        assert (code, printed) == (0, f"{path}\n")
        assert run("lint", "--mappings", mappings)[0] == 0
    found = load(mappings, templates=TEMPLATES)
    assert len(found.procedures) == before + 2
    made = found.procedure(profile, "pengajuan-subdomain")
    assert made is not None
    assert (made.title, made.tracker) == ("Pengajuan subdomain", "Pengajuan subdomain")
    assert [field.name for field in made.fields if field.scope.endswith("susulan")] == []


def test_what_shared_fields_lack_is_defined_in_the_file(tmp_path: Path) -> None:
    root = small(tmp_path, {ORG: ORGANIZATION})
    assert run("new", "uji", "layanan-baru", "--mappings", root)[0] == 0
    procedure = load(root).procedures[0]
    assert {field.scope for field in procedure.fields} == {"uji/layanan-baru"}
    assert procedure.field("email_pemohon") is not None


def test_names_that_redmine_has_once_get_a_number(tmp_path: Path) -> None:
    root = small(tmp_path, FILES)
    for name in ("surat", "surat-"):
        run("new", "uji", f"{name}x" if name.endswith("-") else name, "--mappings", root)
    first, second = (load(root).procedure("uji", name) for name in ("surat", "surat-x"))
    assert first is not None
    assert second is not None
    names = [
        {field.name for field in each.fields if field.scope.startswith("uji/")} for each in (first, second)
    ]
    assert names[0].isdisjoint(names[1])
    assert "Uraian permohonan 2" in names[1]


IDS = st.from_regex(r"[a-z][a-z0-9]{0,9}([-_][a-z0-9]{1,12}){0,4}", fullmatch=True)


@settings(max_examples=25, deadline=None)
@given(IDS | st.sampled_from(["null", "yes", "no", "true", "e1"]))
def test_any_id_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    root = small(tmp_path_factory.mktemp("id"), FILES)
    code, _, error = run("new", "uji", name, "--mappings", root)
    if name in ("layanan", "organization"):
        assert code in (1, 2)
        return
    assert (code, load(root).procedure("uji", name) is not None) == (0, True), error


# what it refuses ----------------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_kept(mappings: Path) -> None:
    path = mappings / "unj" / "permohonan-layanan-teknis.yaml"
    before = path.read_bytes()
    code, _, error = run("new", "unj", path.stem, "--mappings", mappings)
    assert code == 1
    assert f"{path} sudah ada dan tidak ditimpa" in error
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("profile", "name", "code", "message"),
    [
        ("ujn", "baru", 2, "organisasi «ujn» tidak ada; mungkin maksud Anda «unj»"),
        ("unj", "POS Baru", 2, "«POS Baru» tidak dapat dipakai"),
        ("unj", "../baru", 2, "«../baru» tidak dapat dipakai"),
        ("unj", "x" * 61, 2, "paling banyak 60 huruf"),
        ("unj", "organization", 2, "sudah menjadi nama berkas organisasi"),
    ],
)
def test_wrong_use_is_said_and_writes_nothing(
    mappings: Path, profile: str, name: str, code: int, message: str
) -> None:
    before = sorted(mappings.rglob("*"))
    found, _, error = run("new", profile, name, "--mappings", mappings)
    assert found == code
    assert message in error
    assert sorted(mappings.rglob("*")) == before


def test_an_organization_without_requesters_is_said(tmp_path: Path) -> None:
    root = small(tmp_path, {ORG: ORGANIZATION.replace(", kind: requester", "")})
    code, _, error = run("new", "uji", "baru", "--mappings", root)
    assert code == 1
    assert "organisasi «uji» belum mempunyai peran dengan kind: requester" in error


def test_mappings_that_are_wrong_already_are_said_first(mappings: Path) -> None:
    (mappings / "unj" / "rusak.yaml").write_text("id: rusak\n", encoding="utf-8")
    code, _, error = run("new", "unj", "baru", "--mappings", mappings)
    assert code == 1
    assert "unj/rusak.yaml:1:1: kunci «title» wajib ada" in error
    assert not (mappings / "unj" / "baru.yaml").exists()


def test_a_new_file_that_does_not_go_with_the_others_is_not_written(tmp_path: Path) -> None:
    clash = FILES["uji/layanan.yaml"].replace("status: Pengerjaan", "status: Permohonan Ditolak")
    root = small(tmp_path, {**FILES, "uji/layanan.yaml": clash})
    code, _, error = run("new", "uji", "baru", "--mappings", root)
    assert code == 1
    assert "berkas awal tidak cocok dengan pemetaan yang ada" in error
    assert "status «Permohonan Ditolak» (terbuka) bertentangan" in error
    assert not (root / "uji" / "baru.yaml").exists()
