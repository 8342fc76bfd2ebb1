"""What the engine decides, on a small procedure with every kind of move."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.engine import sla
from connector.engine.effects import (
    AddNote,
    AssignGroup,
    ClearAssignee,
    Effect,
    MakeDocument,
    NotifyStaff,
    SendMail,
    SetField,
    SetStatus,
)
from connector.engine.plan import plan, plan_submission
from connector.engine.progress import Rules, place
from connector.engine.snapshot import Actor, Change, RequesterAction, Submission
from connector.engine.state import TicketState
from connector.errors import PermanentError
from connector.sop.keys import LIMIT_FIELD, NUMBER_FIELD, STEP_FIELD, status_key
from connector.sop.model import Limit, LimitBy, Unit
from connector.sop.table import moves
from tests.small import (
    ALL,
    CONNECTOR,
    FORM,
    FRESH,
    JAKARTA,
    MONDAY,
    PROCEDURE,
    RULES,
    FakeTicket,
    key,
    person,
)


def only(effects: list[Effect], kind: type[Effect]) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, kind)]


def notes(effects: list[Effect]) -> list[str]:
    return [effect.template for effect in effects if isinstance(effect, AddNote)]


def mails(effects: list[Effect]) -> list[tuple[str, str]]:
    return [(effect.template, effect.to) for effect in effects if isinstance(effect, SendMail)]


def state_of(ticket: FakeTicket) -> TicketState:
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def action(kind: str, **more: object) -> RequesterAction:
    return RequesterAction.model_validate(
        {
            "key": f"k-{kind}",
            "kind": kind,
            "number": FRESH.number,
            "at": MONDAY + dt.timedelta(hours=3),
            **more,
        }
    )


DONE = (("meja", "Pengerjaan"), ("teknis-a", "Pengesahan"))
FILLED = {"regu": "A", "hasil": "beres"}


# a request from the form --------------------------------------------------------------------------------------


def test_a_submission_becomes_an_issue_in_the_first_step_with_the_time_of_receipt() -> None:
    late = dt.datetime(2026, 11, 20, 22, 0, tzinfo=JAKARTA)  # a Friday night
    submission = Submission(
        id="s1",
        procedure=PROCEDURE.key,
        number=FRESH.number,
        received=late,
        token_hash="h",
        fields=FORM,
    )
    made = plan_submission(RULES, submission)
    effects = list(made.effects)
    assert SetStatus(status="status:pemeriksaan") in effects
    assert AssignGroup(group="group:uji:meja") in effects
    assert NotifyStaff() in effects
    assert SetField(field=key("nama"), value="Sari") in effects
    assert SetField(field=NUMBER_FIELD, value=FRESH.number) in effects
    assert SetField(field=STEP_FIELD, value="2 dari 5: Pemeriksaan") in effects
    assert SetField(field=LIMIT_FIELD, value="Senin, 23 November 2026 pukul 08.30 WIB") in effects
    assert made.state is not None
    assert made.state.submission == "s1"
    assert [stay.entered for stay in made.state.stays] == [late]
    assert mails(effects) == []  # the form has sent the receipt


# a ticket entered in Redmine ----------------------------------------------------------------------------------


def test_a_complete_ticket_from_redmine_is_moved_to_the_first_step() -> None:
    ticket = FakeTicket.new(**FORM)
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert mails(effects) == [("diterima", "sari@contoh.id")]
    assert notes(effects) == ["langkah"]
    assert ticket.commits == 1


def test_an_incomplete_ticket_is_given_to_the_registrars_once_and_goes_on_when_complete() -> None:
    ticket = FakeTicket.new(nama="Sari")
    effects = ticket.settle()
    assert ticket.status == status_key(PROCEDURE.intake)
    assert effects[0] == AddNote(template="belum-lengkap", data={"missing": ["Surel", "Uraian"]})
    assert AssignGroup(group="group:uji:meja") in effects
    ticket.assign("meja")
    assert ticket.settle() == []
    ticket.snapshot = ticket.snapshot.model_copy(
        update={"fields": {**ticket.snapshot.fields, key("email"): "s@x.id", key("uraian"): "mati"}}
    )
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert mails(effects) == [("diterima", "s@x.id")]  # only now is there an address


# plain moves --------------------------------------------------------------------------------------------------


def test_a_move_gives_the_ticket_to_the_next_role_with_limit_and_note() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("meja", "Pengerjaan")
    effects = ticket.settle()
    assert AssignGroup(group="group:uji:teknis-a") in effects
    assert SetField(field=LIMIT_FIELD, value="Rabu, 25 November 2026 pukul 16.00 WIB") in effects
    assert ticket.snapshot.due_date == dt.date(2026, 11, 25)
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert note.data["outcomes"] == [{"label": "", "status": "Pengesahan", "missing": []}]
    first, second = state_of(ticket).stays
    assert (first.step, first.outcome, first.by) == ("periksa", "lengkap", 7)
    assert first.left == second.entered
    assert state_of(ticket).stays[1].version == "v1"


@pytest.mark.parametrize(("regu", "group"), [("A", "group:uji:teknis-a"), ("B", "group:uji:teknis-b")])
def test_a_field_chooses_the_role(regu: str, group: str) -> None:
    ticket = FakeTicket.at(regu=regu, izin="ada")
    ticket.move("meja", "Pengerjaan")
    assert AssignGroup(group=group) in ticket.settle()


def test_a_person_chosen_by_staff_is_kept_if_he_has_the_role() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.assign("teknis-a")
    ticket.move("meja", "Pengerjaan")
    effects = ticket.settle()
    assert only(effects, AssignGroup) == []
    assert NotifyStaff() not in effects  # Redmine told him when he was chosen
    assert ticket.snapshot.assignee is not None
    assert ticket.snapshot.assignee.id == 70


def test_a_person_without_the_role_is_not_kept() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.assign("kepala")
    ticket.move("meja", "Pengerjaan")
    assert AssignGroup(group="group:uji:teknis-a") in ticket.settle()


def test_a_note_or_another_edit_plans_to_nothing() -> None:
    ticket = FakeTicket.at(*DONE, **FILLED)
    ticket.assign("kepala")
    assert plan(RULES, ticket.snapshot, ticket.now).empty


def test_several_moves_between_two_looks_are_one_commit() -> None:
    ticket = FakeTicket.at(**FILLED)
    before = ticket.commits
    ticket.move("meja", "Pengerjaan")
    ticket.move("teknis-a", "Pengesahan")
    effects = ticket.settle()
    assert ticket.commits == before + 1
    assert [stay.step for stay in state_of(ticket).stays] == ["periksa", "kerja", "sahkan"]
    assert notes(effects) == ["langkah"]


def test_a_document_is_made_on_entering_its_step_and_again_after_a_loop() -> None:
    ticket = FakeTicket.at(*DONE, **FILLED)
    assert [each.number for each in state_of(ticket).documents] == ["BA-UJI-2026-000001"]
    ticket.move("kepala", "Pengerjaan")
    ticket.settle()
    ticket.move("teknis-a", "Pengesahan")
    effects = ticket.settle()
    made = [each for each in effects if isinstance(each, MakeDocument)]
    assert [(each.number, each.key) for each in made] == [
        ("BA-UJI-2026-000001", "UJI-2026-000001:berita-acara:5")
    ]


def test_a_fields_of_the_state_that_somebody_changed_are_set_right_without_a_word() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.snapshot = ticket.snapshot.model_copy(
        update={"fields": {**ticket.snapshot.fields, NUMBER_FIELD: "PALSU"}, "due_date": None}
    )
    effects = ticket.settle()
    assert {type(effect).__name__ for effect in effects} == {"SetField", "SetDueDate"}
    assert ticket.snapshot.fields[NUMBER_FIELD] == FRESH.number


def test_a_refusal_ends_the_ticket_and_tells_why() -> None:
    ticket = FakeTicket.at()
    ticket.move("meja", "Tolak", alasan="di luar layanan")
    effects = ticket.settle()
    assert (state_of(ticket).ended, state_of(ticket).ended_at) == ("tolak", state_of(ticket).stays[0].left)
    assert state_of(ticket).ended_at == ticket.snapshot.journals[-2].at
    assert ticket.snapshot.due_date is None
    assert notes(effects) == ["berakhir"]


# back to the requester ----------------------------------------------------------------------------------------


def test_waiting_for_the_requester_stops_the_clock_and_goes_back_to_the_step() -> None:
    ticket = FakeTicket.at()  # registered at 9:00 with 30 minutes
    ticket.now = MONDAY + dt.timedelta(minutes=9)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu identitas")
    effects = ticket.settle()
    assert ticket.snapshot.due_date is None
    assert notes(effects) == ["menunggu"]
    mail = next(effect for effect in effects if isinstance(effect, SendMail))
    assert mail.to == "sari@contoh.id"
    assert mail.data["details"] == [{"label": "Perbaikan", "value": "kartu identitas"}]
    stay = state_of(ticket).stay
    assert stay is not None
    assert stay.paused
    assert stay.pauses[0].remaining == 20
    ticket.now = MONDAY + dt.timedelta(days=1, minutes=-1)
    ticket.move("meja", "Dilanjutkan")
    assert notes(ticket.settle()) == ["langkah"]
    assert ticket.status == "status:pemeriksaan"
    stay = state_of(ticket).stay
    assert stay is not None
    assert stay.due == MONDAY + dt.timedelta(days=1, minutes=20)
    assert key("permintaan_perbaikan") not in ticket.snapshot.fields  # the next return must say its own
    assert len(state_of(ticket).stays) == 1


def test_what_is_asked_for_now_is_not_cleared_with_what_was_answered() -> None:
    """Back from «Dilanjutkan» by hand and returned once more, all before the connector looks."""
    ticket = FakeTicket.at(("meja", "Menunggu Pemohon"), permintaan_perbaikan="kartu")
    ticket.move("meja", "Dilanjutkan")
    ticket.move("pengelola-sop", "Pemeriksaan")
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="surat")
    ticket.settle()
    assert ticket.snapshot.fields[key("permintaan_perbaikan")] == "surat"
    assert len(state_of(ticket).stays[0].pauses) == 2


def test_a_stay_that_was_late_stays_late_after_a_pause() -> None:
    ticket = FakeTicket.at()
    due = state_of(ticket).stays[0].due
    ticket.now = MONDAY + dt.timedelta(hours=2)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="x")
    ticket.settle()
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    assert state_of(ticket).stays[0].due == due


def test_who_was_late_when_the_office_had_closed_stays_late_after_a_pause() -> None:
    """No working time lies between the limit and the pause, and still it was missed."""
    ticket = FakeTicket.at(("meja", "Pengerjaan"), ("teknis-a", "Pengesahan"), **FILLED)
    due = state_of(ticket).stays[-1].due
    assert due is not None
    stay = sla.pause(state_of(ticket).stays[-1], due + dt.timedelta(hours=2), RULES.calendar)
    assert stay.pauses[-1].remaining == 0
    assert sla.resume(stay, due + dt.timedelta(days=1), RULES.calendar).due == due


def test_a_correction_by_the_requester_goes_straight_back_to_the_step() -> None:
    ticket = FakeTicket.at()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="uraian")
    ticket.settle()
    ticket.act(action("correction", fields={"uraian": "lebih jelas", "hasil": "curang"}, remark="sudah"))
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert ticket.snapshot.fields[key("uraian")] == "lebih jelas"
    assert key("hasil") not in ticket.snapshot.fields  # not a field of the form
    assert "pemohon" in notes(effects)


# the requester's own step -------------------------------------------------------------------------------------


def at_receipt() -> FakeTicket:
    return FakeTicket.at(*DONE, ("kepala", "Penerimaan"), **FILLED)


def test_the_requesters_step_stays_in_sight_of_who_acts_for_him_and_he_is_told() -> None:
    ticket = FakeTicket.at(*DONE, **FILLED)
    ticket.move("kepala", "Penerimaan")
    effects = ticket.settle()
    assert AssignGroup(group="group:uji:meja") in effects
    assert ("kabar", "sari@contoh.id") in mails(effects)


def test_the_requester_confirms_and_the_ticket_ends() -> None:
    ticket = at_receipt()
    ticket.act(action("outcome", step="terima", outcome="diterima", fields={"nilai": "2", "regu": "B"}))
    ticket.settle()
    assert ticket.status == "status:rampung"
    assert ticket.snapshot.fields[key("nilai")] == "2"
    assert ticket.snapshot.fields[key("regu")] == "A"
    assert ticket.snapshot.done_ratio == 100
    assert state_of(ticket).actions == ("k-outcome",)
    assert ticket.snapshot.actions == ()


def test_an_action_counts_once() -> None:
    ticket = at_receipt()
    again = action("outcome", step="terima", outcome="keberatan", remark="belum bisa")
    ticket.act(again)
    ticket.settle()
    assert ticket.status == "status:pengerjaan"
    ticket.act(again)
    assert ticket.settle() == []


def test_an_action_that_was_applied_is_not_applied_to_a_ticket_that_was_reopened() -> None:
    """The service died between Redmine's commit and its own, so the action is still in its list."""
    ticket = FakeTicket.at()
    withdrawal = action("withdraw")
    ticket.act(withdrawal)
    ticket.settle()
    ticket.move("pengelola-sop", "Pemeriksaan", notes="pemohon salah tekan")
    ticket.act(withdrawal)
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert ticket.snapshot.actions == ()


@pytest.mark.parametrize(
    "late",
    [
        action("outcome", step="terima", outcome="diterima", remark="sudah bagus"),
        action("correction", fields={"uraian": "x"}, remark="sudah bagus"),
        action("outcome", step="periksa", outcome="lengkap", remark="sudah bagus"),
    ],
)
def test_an_action_that_does_not_fit_changes_nothing_and_its_sender_is_told(late: RequesterAction) -> None:
    ticket = FakeTicket.at()
    ticket.act(late)
    done = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert ticket.snapshot.actions == ()
    assert [(each.key, each.why) for each in state_of(ticket).unfit] == [(late.key, "berpindah")]
    # staff have what he wrote, and he is told why nothing follows from it
    notes = [each for each in done if isinstance(each, AddNote)]
    assert [(each.template, each.data["remark"]) for each in notes] == [("tidak-dijalankan", "sudah bagus")]
    mails = [each for each in done if isinstance(each, SendMail)]
    assert [(each.template, each.data["why"]) for each in mails] == [("tidak-dijalankan", "berpindah")]
    ticket.act(late)
    assert ticket.settle() == []


@pytest.mark.parametrize("steps", [(), DONE, (("meja", "Menunggu Pemohon"),)])
def test_a_requester_may_withdraw_until_the_end(steps: tuple[tuple[str, str], ...]) -> None:
    ticket = FakeTicket.at(*steps, **FILLED, permintaan_perbaikan="x")
    ticket.act(action("withdraw", remark="tidak jadi"))
    ticket.settle()
    assert ticket.status == "status:batal"
    assert state_of(ticket).ended == "batal"
    assert all(pause.until for stay in state_of(ticket).stays for pause in stay.pauses)


# what went round the workflow ---------------------------------------------------------------------------------


def test_a_skipped_step_is_put_back_once_with_a_reason() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("meja", "Pengesahan")
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert note.template == "dikembalikan"
    assert note.data == {
        "reason": "urutan",
        "from": "Pemeriksaan",
        "found": "Pengesahan",
        "by": "Orang meja",
        "missing": [],
        "until": "",
        "allowed": ["Pengerjaan", "Menunggu Pemohon", "Tolak"],
    }
    assert len(state_of(ticket).stays) == 1


def test_the_second_time_the_connector_stops_and_tells_those_in_charge() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("meja", "Pengesahan")
    ticket.settle()
    ticket.move("meja", "Pengesahan")
    effects = ticket.settle()
    assert ticket.status == "status:pengesahan"
    assert notes(effects) == ["berhenti"]
    assert mails(effects) == [("peringatan-admin", "role:pengelola-sop")]
    assert state_of(ticket).stopped
    ticket.move("meja", "Penerimaan")
    assert ticket.settle() == []
    ticket.move("pengelola-sop", "Pemeriksaan")
    ticket.settle()
    assert not state_of(ticket).stopped
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    assert ticket.status == "status:pengerjaan"


def test_a_move_that_belongs_to_another_role_is_put_back() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("kepala", "Pengerjaan")
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert next(each.data["reason"] for each in effects if isinstance(each, AddNote)) == "peran"


@pytest.mark.parametrize("actor", [CONNECTOR, person("meja").model_copy(update={"roles": frozenset()})])
def test_who_has_no_role_any_more_had_one(actor: object) -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move(actor, "Pengerjaan")  # type: ignore[arg-type]
    ticket.settle()
    assert ticket.status == "status:pengerjaan"


def test_a_way_round_is_no_way_even_if_its_end_is_one_move_away() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("meja", "Pengesahan")
    ticket.move("meja", "Pengerjaan")  # from «Pemeriksaan» this would have been legal
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert (note.data["reason"], note.data["found"]) == ("urutan", "Pengerjaan")


def test_a_step_whose_needs_are_not_there_is_left_again() -> None:
    ticket = FakeTicket.at(regu="B")  # with regu B a permit is needed, which Redmine's rules cannot say
    ticket.move("meja", "Pengerjaan")
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert (note.data["reason"], note.data["missing"]) == ("kelengkapan", ["Izin"])


def test_a_status_that_changed_without_a_journal_is_put_back() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.snapshot = ticket.snapshot.model_copy(update={"status": "status:rampung"})
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    assert next(each.data["reason"] for each in effects if isinstance(each, AddNote)) == "tanpa-jejak"


def test_whoever_puts_it_back_himself_is_not_corrected() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("meja", "Pengesahan")
    ticket.move("meja", "Pemeriksaan")
    assert ticket.settle() == []


def test_an_override_needs_a_reason() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("pengelola-sop", "Pengesahan")
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    ticket.move("pengelola-sop", "Pengesahan", notes="atas perintah pimpinan")
    ticket.settle()
    assert ticket.status == "status:pengesahan"
    assert [each.reason for each in state_of(ticket).overrides] == ["atas perintah pimpinan"]


def test_an_override_may_reopen_an_ended_ticket() -> None:
    ticket = FakeTicket.at(("meja", "Tolak"), alasan="keliru")
    ticket.move("pengelola-sop", "Pemeriksaan", notes="ditolak karena keliru")
    ticket.settle()
    assert state_of(ticket).ended is None
    assert ticket.snapshot.due_date is not None


def test_nobody_else_may_reopen_it() -> None:
    ticket = FakeTicket.at(("meja", "Tolak"), alasan="sudah benar")
    ticket.move("meja", "Pemeriksaan")
    ticket.settle()
    assert ticket.status == "status:tolak"
    assert only(ticket.effects, ClearAssignee) == []


# late, in batches, out of order -------------------------------------------------------------------------------


def test_what_moves_leave_behind_is_not_lost_when_the_connector_stops() -> None:
    ticket = FakeTicket.at(("meja", "Pengerjaan"), **FILLED)
    ticket.move("teknis-a", "Penerimaan")
    ticket.settle()  # put back: the next time it stops
    ticket.move("teknis-a", "Pengesahan")
    ticket.move("kepala", "Rampung")
    effects = ticket.settle()
    assert state_of(ticket).stopped
    assert mails(effects) == [("staf", "role:teknis-a"), ("peringatan-admin", "role:pengelola-sop")]
    assert [each.number for each in state_of(ticket).documents] == ["BA-UJI-2026-000001"]
    ticket.move("pengelola-sop", "Pengesahan")
    assert AssignGroup(group="group:uji:kepala") in ticket.settle()
    assert ticket.settle() == []


@pytest.mark.parametrize(
    "then", [[("kepala", "Penerimaan")], [("kepala", "Penerimaan"), ("meja", "Rampung")], [("meja", "Batal")]]
)
def test_a_document_is_made_for_a_step_that_was_left_again_before_the_look(
    then: list[tuple[str, str]],
) -> None:
    ticket = FakeTicket.at(*DONE, ("kepala", "Pengerjaan"), **FILLED)
    ticket.move("teknis-a", "Pengesahan")
    for role, status in then:
        ticket.move(role, status)
    ticket.settle()
    assert [each.number for each in state_of(ticket).documents] == [
        "BA-UJI-2026-000001",
        "BA-UJI-2026-000001-2",
    ]


def test_a_move_that_lacked_a_need_is_put_back_even_if_it_went_on() -> None:
    ticket = FakeTicket.at(regu="B", hasil="beres")
    ticket.move("meja", "Pengerjaan")
    ticket.move("teknis-b", "Pengesahan")
    effects = ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    note = next(effect for effect in effects if isinstance(effect, AddNote))
    assert (note.data["reason"], note.data["missing"]) == ("kelengkapan", ["Izin"])


def test_a_need_that_was_there_at_the_move_is_not_asked_for_afterwards() -> None:
    ticket = FakeTicket.at(regu="B", izin="ada")
    ticket.move("meja", "Pengerjaan")
    ticket.edit("meja", izin="")
    ticket.settle()
    assert ticket.status == "status:pengerjaan"


def test_a_need_that_came_just_after_the_move_is_good_enough() -> None:
    ticket = FakeTicket.at(regu="B")
    ticket.move("meja", "Pengerjaan")
    ticket.edit("meja", izin="ada")
    ticket.settle()
    assert ticket.status == "status:pengerjaan"


def test_a_limit_is_chosen_by_the_value_of_that_moment() -> None:
    """`regu` says how long the work may take; it is changed before the connector looks."""
    by = LimitBy(
        field="regu", limits={"A": Limit(amount=1, unit=Unit.HOUR), "B": Limit(amount=9, unit=Unit.HOUR)}
    )
    steps = [
        step.model_copy(update={"limit_by": by}) if step.id == "kerja" else step for step in PROCEDURE.steps
    ]
    rules = replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": tuple(steps)}))
    ticket = FakeTicket.at(regu="A")
    ticket.move("meja", "Pengerjaan")
    ticket.edit("teknis-a", regu="B", izin="ada")
    state = plan(rules, ticket.snapshot, ticket.now).state
    assert state is not None
    assert state.stays[-1].limit == by.limits["A"]


@pytest.mark.parametrize("told", [True, False])
def test_time_counts_from_the_change_that_made_a_ticket_complete(told: bool) -> None:
    ticket = FakeTicket.new(nama="Sari")
    if told:
        ticket.settle()
    ticket.now += dt.timedelta(days=1)
    ticket.edit("meja", email="sari@contoh.id", uraian="mati")
    complete = ticket.now
    ticket.now += dt.timedelta(hours=2)
    ticket.note(person("meja"), "Pemohon menelepon.")
    ticket.settle()
    assert [stay.entered for stay in state_of(ticket).stays] == [complete]


def test_an_address_that_comes_after_the_end_gets_no_receipt() -> None:
    ticket = FakeTicket.new(nama="Sari")
    ticket.settle()
    ticket.move("meja", "Batal")
    ticket.settle()
    ticket.edit("meja", email="sari@contoh.id")
    assert ticket.settle() == []


def test_a_private_reason_is_a_reason() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("pengelola-sop", "Pengesahan")
    ticket.note(person("pengelola-sop"), "atas perintah pimpinan", private=True)
    ticket.settle()
    assert ticket.status == "status:pengesahan"
    assert [each.reason for each in state_of(ticket).overrides] == ["atas perintah pimpinan"]


@pytest.mark.parametrize(("author", "later"), [(person("meja", 8), False), (person("pengelola-sop"), True)])
def test_the_note_of_somebody_else_or_of_later_is_no_reason(author: Actor, later: bool) -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("pengelola-sop", "Pengesahan")
    if later:
        ticket.now += dt.timedelta(seconds=5)
    ticket.note(author, "kenapa begini?", private=True)
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"


def test_an_override_waives_a_need() -> None:
    ticket = FakeTicket.at(regu="B")
    ticket.move("pengelola-sop", "Pengerjaan", notes="izin menyusul, perintah pimpinan")
    ticket.settle()
    assert ticket.status == "status:pengerjaan"
    assert [each.target for each in state_of(ticket).overrides] == ["status:pengerjaan"]


def test_an_answer_to_an_earlier_stay_is_none_to_this_one() -> None:
    """The requester received a result that staff then took back, on his behalf, before the connector looked."""
    ticket = at_receipt()
    ticket.now += dt.timedelta(minutes=5)
    late = action("outcome", step="terima", outcome="diterima", at=ticket.now, fields={"nilai": "2"})
    ticket.move("meja", "Pengerjaan")
    ticket.move("teknis-a", "Pengesahan")
    ticket.move("kepala", "Penerimaan")
    ticket.act(late)
    ticket.settle()
    assert ticket.status == "status:penerimaan"
    assert ticket.snapshot.actions == ()


def test_a_correction_of_an_earlier_return_does_not_answer_this_one() -> None:
    ticket = FakeTicket.at(**FILLED)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="kartu")
    ticket.now += dt.timedelta(minutes=5)
    late = action("correction", at=ticket.now, fields={"uraian": "baru"})
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="surat")
    ticket.act(late)
    ticket.settle()
    assert ticket.status == "status:menunggu-pemohon"


@pytest.mark.parametrize("kind", ["withdraw", "correction"])
def test_the_ledger_never_goes_back_in_time(kind: str) -> None:
    """The portal's clock and Redmine's differ, and what the requester did may be read after what staff did."""
    ticket = FakeTicket.at(**FILLED)
    early = ticket.now
    ticket.move("meja", "Pengerjaan")
    if kind == "correction":
        ticket = FakeTicket.at(**FILLED)
        ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="x")
    ticket.act(action(kind, at=early, fields={"uraian": "y"}))
    ticket.settle()
    state = state_of(ticket)
    assert all(stay.entered <= (stay.left or stay.entered) for stay in state.stays)
    assert all(p.until is not None and p.since <= p.until for stay in state.stays for p in stay.pauses)


def test_a_move_whose_time_is_before_the_stay_ends_it_when_it_began() -> None:
    ticket = at_receipt()
    ahead = ticket.now + dt.timedelta(minutes=10)  # the portal's clock is ahead of Redmine's
    ticket.act(action("outcome", step="terima", outcome="keberatan", at=ahead, remark="belum"))
    ticket.settle()
    ticket.move("teknis-a", "Pengesahan")
    ticket.settle()
    *_, work, approval = state_of(ticket).stays
    assert work.entered == work.left == approval.entered == ahead


def test_what_the_requester_may_not_write_meets_no_need() -> None:
    ticket = at_receipt()
    ticket.edit("meja", regu="")
    ticket.act(action("outcome", step="terima", outcome="keberatan", fields={"regu": "A"}))
    ticket.settle()
    assert ticket.status == "status:penerimaan"


@pytest.mark.parametrize("kind", ["correction", "withdraw"])
def test_staff_are_told_what_the_requester_did(kind: str) -> None:
    """Nobody else tells them: the connector makes the move, and the group that has the ticket stays the same."""
    ticket = FakeTicket.at(("meja", "Menunggu Pemohon"), **FILLED, permintaan_perbaikan="x")
    ticket.act(action(kind))
    assert NotifyStaff() in ticket.settle()


def moved_in(ticket: FakeTicket, at: str) -> None:
    """An administrator gives an issue of another kind the procedure's tracker; Redmine sets the status with it."""
    ticket.move(person("meja"), "Diterima dari luar")
    ticket.snapshot = ticket.snapshot.model_copy(update={"status": status_key("Selesai di luar")})
    ticket.move(person("meja"), at)
    *others, last = ticket.snapshot.journals
    tracker = Change(what="tracker_id", old="1", new="2")
    last = last.model_copy(update={"changes": (tracker, *last.changes)})
    ticket.snapshot = ticket.snapshot.model_copy(update={"journals": (*others, last)})


def test_what_happened_under_another_tracker_is_not_judged() -> None:
    ticket = FakeTicket.new(nama="Sari")
    moved_in(ticket, "Permohonan Masuk")
    effects = ticket.settle()
    assert notes(effects) == ["belum-lengkap"]
    assert state_of(ticket).repairs == 0


def test_a_ticket_that_was_away_under_another_tracker_goes_on_where_it_was() -> None:
    ticket = FakeTicket.at(**FILLED)
    moved_in(ticket, "Pemeriksaan")
    assert ticket.settle() == []
    ticket.move("meja", "Pengerjaan")
    ticket.settle()
    assert ticket.status == "status:pengerjaan"


def test_a_status_that_is_no_longer_the_procedures_is_set_right_without_blame() -> None:
    """The mapping gave the step another status; tickets stand in the old one until they are looked at."""
    ticket = FakeTicket.at(**FILLED)
    ticket.snapshot = ticket.snapshot.model_copy(update={"status": "status:nama-lama"})
    assert ticket.settle() == [SetStatus(status="status:pemeriksaan")]
    assert state_of(ticket).repairs == 0


def rules_without(gone: str) -> Rules:
    """The mapping after a step was taken out of it."""
    steps = [
        step.model_copy(update={"outcomes": {n: o for n, o in step.outcomes.items() if o.to != gone}})
        for step in PROCEDURE.steps
        if step.id != gone
    ]
    return replace(RULES, procedure=PROCEDURE.model_copy(update={"steps": tuple(steps)}))


def test_a_step_that_left_the_mapping_is_named() -> None:
    ticket = FakeTicket.at(("meja", "Pengerjaan"), **FILLED)
    rules = rules_without("kerja")
    with pytest.raises(PermanentError, match="kerja"):
        plan(rules, ticket.snapshot, ticket.now)


def test_an_ended_ticket_keeps_its_progress_when_its_last_step_left_the_mapping() -> None:
    ticket = FakeTicket.at(("meja", "Pengerjaan"), ("meja", "Batal"), **FILLED)
    rules = rules_without("kerja")
    assert plan(rules, ticket.snapshot, ticket.now).empty


# general ------------------------------------------------------------------------------------------------------

STATUSES = sorted({move.origin for move in moves(PROCEDURE)} | {move.target for move in moves(PROCEDURE)})
NAMES = {status_key(name): name for name in [PROCEDURE.intake, "Menunggu Pemohon", "Dilanjutkan"]}
NAMES |= {status_key(step.status or ""): step.status or "" for step in PROCEDURE.active_steps}
NAMES |= {status_key(end.status): end.status for end in PROCEDURE.ends}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(ALL), st.sampled_from(STATUSES), st.booleans(), st.booleans()), max_size=12
    )
)
def test_whatever_people_do_the_ticket_comes_to_rest_where_the_table_allows(
    walk: list[tuple[str, str, bool, bool]],
) -> None:
    ticket = FakeTicket.at(**FILLED, alasan="a", permintaan_perbaikan="b")
    legal = {(move.origin, move.target) for move in moves(PROCEDURE)}
    for role, target, reason, look in walk:
        ticket.move(role, NAMES[target], notes="sebab" if reason else "")
        if not look:
            continue
        before = state_of(ticket)
        ticket.settle()
        state = state_of(ticket)
        assert plan(RULES, ticket.snapshot, ticket.now).empty
        if state.stopped:
            continue
        assert ticket.status == place(PROCEDURE, state)
        assert [stay.left is None for stay in state.stays[:-1]] == [False] * (len(state.stays) - 1)
        assert (state.stay is None) == (state.ended is not None)
        assert all(stay.entered <= (stay.left or ticket.now) for stay in state.stays)
        fresh = state.stays[len(before.stays) :]
        for earlier, later in zip(state.stays, state.stays[1:], strict=False):
            if later not in fresh:
                continue
            pair = tuple(
                status_key((PROCEDURE.step(each.step) or PROCEDURE.first_step).status or "")
                for each in (earlier, later)
            )
            assert pair in legal or earlier.outcome == "diatur" or state.overrides
