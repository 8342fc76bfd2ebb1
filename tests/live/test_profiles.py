"""What is particular to the procedures of West Java and Bung Hatta, through the portal and a connector that runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from connector.sop.model import FieldType
from connector.sop.table import is_on_portal
from devtools.demo import confirm, issue_of, submit
from devtools.mail import text_of
from devtools.people import wait_until
from devtools.requester import Requester
from devtools.stack import Stack
from devtools.walk import EXAMPLES, PDF, Walker, example, main_way
from tests.live.service import Service

pytestmark = pytest.mark.live

TODAY = dt.date.today()  # noqa: DTZ011 - any day will do


@pytest.fixture(scope="module")
def stack(service: Service) -> Iterator[Stack]:
    with service.stack.connector.running():
        yield service.stack


def begin(stack: Stack, key: str) -> tuple[Walker, Requester, str]:
    """A ticket from the public form, in its first step; its requester, and his link."""
    procedure = next(each for each in stack.catalogue.procedures if each.key == key)
    requester = Requester()
    link, number = submit(stack, procedure, requester)
    walker = Walker(
        procedure=procedure,
        issue=issue_of(stack, number),
        url=stack.redmine.url,
        people=stack.people[procedure.profile],
        keys=stack.keys,
        today=TODAY,
    )
    walker.wait_for(procedure.first_step.status or "")
    assert number.startswith({"jabar": "JABAR-", "bunghatta": "UBH-"}[procedure.profile])
    return walker, requester, link


def ended(stack: Stack, walker: Walker) -> str | None:
    found: str | None = stack.admin.get(f"/sop/issues/{walker.issue}.json")["state"]["data"].get("ended")
    return found


def test_what_the_requester_signs_he_can_read(stack: Stack) -> None:
    walker, requester, link = begin(stack, "jabar/service-desk")
    procedure = walker.procedure
    for step, outcome in main_way(procedure):
        if is_on_portal(procedure, step):
            page = requester.open(link)
            assert "dokumen_sla" in page.text, "he must be able to read what he signs"
            assert "dokumen_ba" in page.text
            confirm(requester, link, step, procedure, TODAY)
            walker.wait_for(walker.target(step, outcome))
        else:
            walker.forward(step, outcome)
    success = next(end for end in procedure.ends if end.success)
    wait_until("the end is known", lambda: ended(stack, walker) == success.id)


def test_the_contacts_of_the_unit_hear_of_an_outage_without_a_secret_link(stack: Stack) -> None:
    walker, _, _ = begin(stack, "bunghatta/gangguan-koneksi")
    for step, outcome in main_way(walker.procedure)[:3]:
        walker.leave(
            step,
            outcome,
            choose={"email_kontak_it": "it.fti@contoh.id, it.fh@contoh.id"} if step.no == "3" else None,
        )
        walker.wait_for(walker.target(step, outcome))
    for address in ("it.fti@contoh.id", "it.fh@contoh.id"):
        mail = stack.mail.wait_for(address, lambda each: "Gangguan" in str(each["Subject"]))
        assert "/lacak/" not in text_of(mail)
        assert "Gangguan dan penyebabnya" in text_of(mail)


def test_monitoring_needs_no_requester(stack: Stack) -> None:
    procedure = next(each for each in stack.catalogue.procedures if each.id == "gangguan-web")
    person = stack.people["bunghatta"]["staf-si"][0]
    walker = Walker(procedure, 0, stack.redmine.url, stack.people["bunghatta"], stack.keys, TODAY)
    desk = walker.desk("staf-si")
    fields = [
        {"id": desk.field_id(name), "value": "https://contoh.id"}
        for name in ("alamat_layanan_web", "uraian_gangguan_web")
    ]
    body = {
        "project_id": stack.keys["project:bunghatta"],
        "tracker_id": stack.keys[procedure.tracker_key],
        "subject": "Pemantauan",
        "custom_fields": fields,
    }
    issue = desk.api.call("POST", "/issues.json", {"issue": body})["issue"]["id"]
    wait_until("the ticket goes on", lambda: desk.status(issue) == "Pemastian gangguan")
    assert person.login == "bunghatta-staf-si"


def test_a_request_without_its_papers_goes_back_and_comes_on(stack: Stack) -> None:
    walker, requester, link = begin(stack, "jabar/service-desk")
    first = walker.procedure.first_step
    walker.leave(first, "belum-lengkap")
    wait_until("he is waited for", lambda: walker.desk("helpdesk").status(walker.issue) == "Menunggu Pemohon")
    stack.mail.wait_for(EXAMPLES["email_pemohon"], lambda each: "JABAR" in str(each["Subject"]))
    wait_until("the form is there again", lambda: "Kirim perbaikan" in requester.open(link).text)
    page = requester.open(link)
    shown = {
        field.id: example(field, TODAY)
        for field in walker.procedure.fields
        if walker.procedure.form
        and field.id in walker.procedure.form.fields
        and field.type not in (FieldType.FILE, FieldType.CONSENT)
    }
    requester.send(
        page,
        {**shown, "uraian_permintaan": "Subdomain baru"},
        {"dokumen_persyaratan": ("syarat.pdf", PDF, "application/pdf")},
    ).raise_for_status()
    walker.wait_for(first.status or "")
    assert walker.given()["uraian_permintaan"] == "Subdomain baru"
