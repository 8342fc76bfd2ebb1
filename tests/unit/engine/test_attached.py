"""A requester's files: the first of a field into the field, the others beside it."""

from __future__ import annotations

from connector.engine.attached import attached
from connector.engine.effects import AttachFile, AttachMore
from connector.engine.plan import plan_submission
from connector.engine.snapshot import Submission, SubmittedFile
from connector.sop.model import FieldDef, FieldType
from tests.small import MONDAY
from tests.world import PROCEDURE, rules_of_all

PHOTO = FieldDef(
    id="foto", name="Foto", label="Foto kerusakan", type=FieldType.FILE, scope="uji", max_files=3
)
LETTER = FieldDef(id="surat", name="Surat", label="Surat", type=FieldType.FILE, scope="uji")


def file(field: str, name: str) -> SubmittedFile:
    return SubmittedFile(field=field, ref=name, name=name, content_type="x", size=1, sha256=name)


def test_the_first_file_of_a_field_is_the_fields_own() -> None:
    one, two, letter = file("foto", "1"), file("foto", "2"), file("surat", "3")
    assert attached([PHOTO, LETTER], [one, letter, two]) == (
        AttachFile(field="field:uji:foto", file=one),
        AttachFile(field="field:uji:surat", file=letter),
        AttachMore(label="Foto kerusakan", file=two),
    )


def test_files_of_other_fields_are_left_out() -> None:
    assert attached([LETTER], [file("foto", "1")]) == ()


def test_a_submission_brings_all_of_its_files() -> None:
    submission = Submission(
        id="p",
        procedure=PROCEDURE,
        number="UNJ-2026-000001",
        received=MONDAY,
        token_hash="h",
        files=(file("bukti_pendukung", "1"), file("bukti_pendukung", "2")),
    )
    effects = plan_submission(rules_of_all()[PROCEDURE], submission).effects
    assert [each.file.ref for each in effects if isinstance(each, AttachFile)] == ["1"]
    assert [each.file.ref for each in effects if isinstance(each, AttachMore)] == ["2"]
