"""The mapping of Diskominfo Jawa Barat against the facts of its source, written down here a second time."""

from __future__ import annotations

import pytest

from connector.sop.model import Basis, Catalogue, OutputKind, Procedure, RoleKind
from tests.unit.sop.source_table import (
    Row,
    check_names,
    end_needs,
    head_counts,
    left,
    marked,
    needs,
    rows,
    shipped,
    told_at,
    told_of,
    without_status,
)

SOURCE: list[Row] = [
    ("1", ("pemohon",), "1 jam", {"2"}),
    ("2", ("pemohon", "helpdesk"), "1 jam", {"3"}),
    ("3", ("helpdesk",), "1 hari", {"4", "1"}),
    ("4", ("helpdesk",), "1 jam", {"5"}),
    ("5", ("agen",), None, {"6"}),
    ("6", ("pemohon",), "1 hari", {"7", "5"}),
    ("7", ("agen",), "1 jam", {"selesai"}),
]
EVERYBODY = {"helpdesk", "kepala-bidang", "kepala-seksi"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped("jabar")


@pytest.fixture(scope="module")
def procedure(catalogue: Catalogue) -> Procedure:
    (found,) = catalogue.procedures
    assert found.id == "service-desk"
    return found


def test_the_steps_are_the_sources(procedure: Procedure) -> None:
    assert rows(procedure) == SOURCE
    assert without_status(procedure) == ["1", "2"]


def test_the_class_of_the_work_sets_its_limit(procedure: Procedure) -> None:
    by = procedure.steps[4].limit_by
    assert by is not None
    assert by.field in left(procedure, "4")
    assert [str(limit) for limit in by.limits.values()] == ["3 hari", "7 hari", "1 bulan"]
    assert [choice.split()[0] for choice in by.limits] == ["Pendek", "Sedang", "Panjang"]
    assert [step.no for step in procedure.steps if step.limit_by] == ["5"]


def test_who_does_not_complete_his_request_within_a_month_loses_it(procedure: Procedure) -> None:
    assert str(procedure.waiting.limit) == "1 bulan"
    assert [str(each) for each in procedure.waiting.remind] == ["1 minggu", "1 hari kerja"]
    end = procedure.end(procedure.waiting.expires or "")
    assert end is not None
    assert not end.success
    assert not end.needs
    assert told_of(procedure, end.id) == {"pemohon", "helpdesk"}
    assert procedure.field("dokumen_persyaratan") is not None
    assert "dokumen_persyaratan" in needs(procedure)["4"]


def test_the_countersigned_papers_come_from_the_requester(procedure: Procedure) -> None:
    fulfilled, replied = procedure.steps[4], procedure.steps[5]
    assert replied.status == "Menunggu Balasan BA"
    made = {output.id: output.after for output in fulfilled.outputs if output.kind is OutputKind.DOCUMENT}
    assert made == dict.fromkeys(("dokumen_sla", "dokumen_ba"), ("selesai",))
    assert set(made) <= needs(procedure)["6"]
    assert set(fulfilled.outcomes["selesai"].hands) == set(made)
    assert {output.id: output.kind for output in replied.outputs} == {
        "balasan_sla": OutputKind.UPLOAD,
        "balasan_ba": OutputKind.UPLOAD,
    }
    assert needs(procedure)["7"] == left(procedure, "6")
    assert procedure.on_behalf == procedure.registrars == ("helpdesk",)


def test_the_told_are_those_of_the_source(procedure: Procedure) -> None:
    """Open Tiket when it comes in, Selesai after the work, Close Tiket at the end."""
    assert told_at(procedure, "3") >= EVERYBODY
    assert procedure.received[0].to == ("pemohon",)
    assert "pemohon" in told_at(procedure, "6")
    assert told_of(procedure, "selesai") == {"pemohon", "agen", *EVERYBODY}


def test_what_the_source_does_not_state_is_marked(procedure: Procedure) -> None:
    for fact, inferred in (("role", set()), ("limit", set()), ("outcomes", {"6"})):
        assert marked(procedure, fact, Basis.INFERRED) == inferred
        assert marked(procedure, fact, Basis.MISSING) == set()


def test_names_fit_redmine(procedure: Procedure) -> None:
    check_names(procedure, statuses=5 + 3 + 3)
    assert [end.status for end in procedure.ends] == ["Close Tiket", "Ditutup Tidak Lengkap", "Dibatalkan"]
    assert end_needs(procedure) == {"selesai": [], "tidak-dilengkapi": [], "dibatalkan": []}


def test_the_head_is_the_sources(procedure: Procedure) -> None:
    head = procedure.header
    assert "118/ND-APTIKA" in head.number
    assert (head.created, head.revised, head.effective) == (None, None, None)
    assert head_counts(procedure) == {
        "legal_basis": 4,
        "qualifications": 2,
        "related": 0,
        "equipment": 4,
        "indicators": 0,
    }


def test_the_organization(catalogue: Catalogue) -> None:
    (organization,) = catalogue.organizations
    kinds = {role.id: role.kind for role in organization.roles}
    assert kinds == {
        "pemohon": RoleKind.REQUESTER,
        "helpdesk": RoleKind.STAFF,
        "agen": RoleKind.STAFF,
        "kepala-bidang": RoleKind.TOLD,
        "kepala-seksi": RoleKind.TOLD,
        "pengelola-sop": RoleKind.OVERRIDE,
    }
    assert (organization.ticket_prefix, organization.project.identifier) == ("JABAR", "jabar-layanan-tik")
    assert "Jalan Tamansari No. 55" in organization.letterhead.address
    assert all(signatory.name == "" and signatory.number == "" for signatory in organization.signatories)
