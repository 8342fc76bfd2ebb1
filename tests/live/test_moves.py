"""What moves a ticket beside its steps: time, a second thought, a duplicate, another procedure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from connector.bootstrap import Application
from devtools.mail import text_of
from devtools.people import RefusedByRedmine
from devtools.walk import Walker, main_way
from tests.live.service import Service

pytestmark = pytest.mark.live

Opening = Callable[[str], tuple[Service, Application]]


@pytest.fixture
def opened(service: Service) -> Iterator[Opening]:
    """The service for a procedure, in this process."""
    applications: list[Application] = []

    def open_for(key: str) -> tuple[Service, Application]:
        mine = Service(service.stack, key)
        applications.append(mine.here())
        return mine, applications[-1]

    yield open_for
    for application in applications:
        application.store.close()


def tracker(service: Service, walker: Walker) -> str:
    name: str = service.stack.admin.issue(walker.issue)["tracker"]["name"]
    return name


def test_a_requester_who_does_not_answer_in_time_loses_his_ticket(opened: Opening) -> None:
    service, app = opened("jabar/service-desk")
    walker, address = service.ticket(app)
    walker.leave(service.procedure.first_step, "belum-lengkap")
    service.look(app, walker.issue)
    assert service.status(walker) == "Menunggu Pemohon"
    [asked] = service.mails(address, "Menunggu Pemohon")
    assert "Tanpa jawaban sampai saat itu, permohonan ditutup." in text_of(asked)
    late = service.here(later=dt.timedelta(days=40))  # nobody looked in between, so he is reminded first
    late.poller.ring()
    service.drain(late)
    late.store.close()
    assert service.status(walker) == "Menunggu Pemohon"
    [reminded] = service.mails(address, "Mohon dijawab sebelum")
    assert "batasnya kami undur" in text_of(reminded)
    later = service.here(later=dt.timedelta(days=60))
    later.poller.ring()
    service.drain(later)
    later.store.close()
    assert service.status(walker) == "Ditutup Tidak Lengkap"
    assert "Pemohon tidak menjawab sampai" in service.notes(walker.issue)[-1]
    assert len(service.mails(address, "Ditutup karena persyaratan tidak dilengkapi")) == 1


def test_a_closed_ticket_is_taken_back_in_time_and_not_later(opened: Opening) -> None:
    service, app = opened("unj/permohonan-layanan-teknis")
    walker, address = service.ticket(app)
    last, outcome = main_way(service.procedure)[-1]
    service.advance(app, walker, last.id)
    walker.leave(last, outcome)
    service.look(app, walker.issue)
    desk = walker.desk("helpdesk")
    assert service.status(walker) == "Selesai"
    assert desk.moves(walker.issue) == {"Pengecekan hasil"}
    assert walker.desk("tim-teknis").moves(walker.issue) == set()
    desk.edit(walker.issue, status="Pengecekan hasil")
    late = service.here(later=dt.timedelta(days=40))  # by Redmine's clock it was in time
    late.store.close()
    service.look(app, walker.issue)
    state = service.state(walker.issue)
    assert service.status(walker) == "Pengecekan hasil"
    assert (state.get("ended"), state["stays"][-1]["step"]) == (None, "pengecekan-hasil")
    assert any("Tiket dibuka kembali" in note for note in service.notes(walker.issue))
    assert any("kami buka kembali" in text_of(mail) for mail in service.mails(address, "Pengecekan hasil"))


def test_a_duplicate_names_the_ticket_that_it_repeats(opened: Opening) -> None:
    service, app = opened("bunghatta/pengaduan-tik")
    first, _ = service.ticket(app)
    second, address = service.ticket(app)
    number = service.state(first.issue)["number"]
    desk = second.desk("grup-helpdesk")
    desk.edit(second.issue, status="Duplikat")
    service.look(app, second.issue)
    assert service.status(second) == "Tindak lanjut pengaduan"
    assert "Tiket yang diulang belum ditunjuk" in service.notes(second.issue)[-1]
    relation = {"issue_to_id": first.issue, "relation_type": "duplicates"}
    desk.api.call("POST", f"/issues/{second.issue}/relations.json", {"relation": relation})
    desk.edit(second.issue, status="Duplikat")
    service.look(app, second.issue)
    assert service.status(second) == "Duplikat"
    assert f"mengulang {number}" in service.notes(second.issue)[-1]
    [told] = service.mails(address, "Ditutup karena sudah ada pengaduan yang sama")
    assert f"Dilanjutkan pada permohonan: {number}" in text_of(told)
    assert service.status(first) == "Tindak lanjut pengaduan"
    assert [f"#{second.issue}" in note for note in service.notes(first.issue)].count(True) == 1


def test_the_sop_manager_moves_a_ticket_to_another_procedure(opened: Opening) -> None:
    service, app = opened("unj/permohonan-layanan-teknis")
    other = Service(service.stack, "unj/pengaduan-masalah-si")
    walker, address = service.ticket(app)
    before = service.state(walker.issue)
    ref = service.stack.keys[other.procedure.tracker_key]
    walker.desk("helpdesk").edit(walker.issue, tracker_id=ref, notes="salah layanan")
    assert tracker(service, walker) == service.procedure.tracker  # read-only for him
    manager = walker.desk("pengelola-sop")
    with pytest.raises(RefusedByRedmine) as refused:
        manager.edit(walker.issue, tracker_id=ref)
    assert "alasan" in " ".join(refused.value.errors)
    manager.edit(walker.issue, tracker_id=ref, notes="ini keluhan SI")
    service.look(app, walker.issue)
    state = service.state(walker.issue)
    assert tracker(service, walker) == other.procedure.tracker
    assert (state["procedure"], state["number"]) == (other.procedure.key, before["number"])
    assert state["received"] == before["received"]
    assert state["former"][0]["stays"][-1]["outcome"] == "dipindahkan"
    assert any("Dipindahkan ke POS lain" in note for note in service.notes(walker.issue))
    assert other.walker(walker.issue).given()["email_pemohon"] == address
    assert any("kami lanjutkan sebagai layanan" in text_of(m) for m in service.mails(address, ""))


def test_a_tracker_that_somebody_else_changed_is_put_back_with_what_it_held(opened: Opening) -> None:
    service, app = opened("unj/permohonan-layanan-teknis")
    other = Service(service.stack, "unj/pengaduan-masalah-si")
    walker, _ = service.ticket(app)
    service.advance(app, walker, "penjadwalan")
    held = {name: value for name, value in walker.given().items() if value}
    change = {"tracker_id": service.stack.keys[other.procedure.tracker_key], "notes": "coba"}
    service.stack.admin.call("PUT", f"/issues/{walker.issue}.json", {"issue": change})
    assert tracker(service, walker) == other.procedure.tracker
    service.look(app, walker.issue)
    assert tracker(service, walker) == service.procedure.tracker
    assert service.status(walker) == "Penjadwalan"
    files = {field.id for field in service.procedure.fields if field.type == "file"}
    after = {name: value for name, value in walker.given().items() if value}
    assert {name: v for name, v in held.items() if name not in files} == {
        name: v for name, v in after.items() if name not in files
    }
    assert "Pelacak diganti" in service.notes(walker.issue)[-1]
