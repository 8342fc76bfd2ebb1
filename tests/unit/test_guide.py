"""The guide to the next POS says everything there is, and what it says works."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli import main
from connector.settings import ROOT
from connector.sop.loader import load
from connector.sop.model import (
    Archive,
    DigestReader,
    Digests,
    End,
    Escalation,
    FieldDef,
    FieldType,
    Form,
    Frozen,
    Header,
    Letter,
    Outcome,
    Output,
    Procedure,
    Step,
    Tell,
    Unit,
    Waiting,
)
from connector.sop.papers import FACTS, Block, Costs, Countersign, DocumentDef, Lines, Row, Signer
from connector.sop.privacy import Privacy
from tests import guide

#: Filled by the loader, so that no author writes them.
FILLED = {"scope", "requesters", "version", "accepted"}


@pytest.mark.parametrize(
    "kind",
    [
        *(Procedure, Header, Form, FieldDef, Step, Outcome, Output, Tell, Waiting, Escalation, End, Letter),
        *(
            Archive,
            DocumentDef,
            Block,
            Row,
            Lines,
            Costs,
            Signer,
            Countersign,
            Digests,
            DigestReader,
            Privacy,
        ),
    ],
)
def test_every_key_is_explained(kind: type[Frozen]) -> None:
    said = guide.words()
    missing = {
        key
        for key in (each.alias or name for name, each in kind.model_fields.items())
        if key not in FILLED and f"`{key}" not in said and f".{key}`" not in said
    }
    assert missing == set()


def test_every_type_and_unit_is_named() -> None:
    said = guide.words()
    assert [each for each in FieldType if f"`{each}`" not in said] == []
    assert [each for each in FACTS if f"`{each}`" not in said] == []
    assert [each for each in Unit if f"`{each.replace('_', ' ')}`" not in said] == []


def test_its_commands_exist() -> None:
    names = [command[0] for command in guide.commands()]
    assert names == [
        "new",
        "preview",
        "lint",
        "diagram",
        "procedures",
        "due",
        "plan",
        "apply",
        "doctor",
        "explain",
    ]
    assert set(names) <= set(main.commands)


def test_its_example_is_a_good_procedure(tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT / "sop_mappings", tmp_path / "pemetaan"))
    made = CliRunner().invoke(main, ["new", guide.PROFILE, guide.PROCEDURE, "--mappings", str(root)])
    assert made.exit_code == 0, made.stderr
    path = root / guide.PROFILE / f"{guide.PROCEDURE}.yaml"
    path.write_text(guide.edited(path.read_text(encoding="utf-8")), encoding="utf-8")
    procedure = load(root).procedure(guide.PROFILE, guide.PROCEDURE)
    assert procedure is not None
    assert [step.no for step in procedure.steps] == ["1", "2", "3", "4", "5", "6"]
    assert [end.id for end in procedure.ends] == ["selesai", "ditolak", "dibatalkan"]
