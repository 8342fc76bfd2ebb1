"""What the engine decides, on a small procedure with every kind of move."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from connector.engine.progress import place
from connector.engine.snapshot import RequesterAction, Submission
from connector.engine.state import TicketState
from connector.sop.keys import LIMIT_FIELD, NUMBER_FIELD, STEP_FIELD, status_key
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
    assert plan(RULES, ticket.snapshot).empty


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
    assert [each.number for each in effects if isinstance(each, MakeDocument)] == ["BA-UJI-2026-000001-2"]


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
    assert state_of(ticket).ended == "tolak"
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
    ticket.settle()
    assert ticket.status == "status:pemeriksaan"
    stay = state_of(ticket).stay
    assert stay is not None
    assert stay.due == MONDAY + dt.timedelta(days=1, minutes=20)
    assert key("permintaan_perbaikan") not in ticket.snapshot.fields  # the next return must say its own
    assert len(state_of(ticket).stays) == 1


def test_a_stay_that_was_late_stays_late_after_a_pause() -> None:
    ticket = FakeTicket.at()
    due = state_of(ticket).stays[0].due
    ticket.now = MONDAY + dt.timedelta(hours=2)
    ticket.move("meja", "Menunggu Pemohon", permintaan_perbaikan="x")
    ticket.settle()
    ticket.move("meja", "Dilanjutkan")
    ticket.settle()
    assert state_of(ticket).stays[0].due == due


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


@pytest.mark.parametrize(
    "late",
    [
        action("outcome", step="terima", outcome="diterima"),
        action("correction", fields={"uraian": "x"}),
        action("outcome", step="periksa", outcome="lengkap"),
    ],
)
def test_an_action_that_does_not_fit_is_dropped(late: RequesterAction) -> None:
    ticket = FakeTicket.at()
    ticket.act(late)
    assert plan(RULES, ticket.snapshot).actions_done == (late.key,)
    assert ticket.settle() == []
    assert ticket.status == "status:pemeriksaan"


@pytest.mark.parametrize("steps", [(), DONE, (("meja", "Menunggu Pemohon"),)])
def test_a_requester_may_withdraw_until_the_end(steps: tuple[tuple[str, str], ...]) -> None:
    ticket = FakeTicket.at(*steps, **FILLED, permintaan_perbaikan="x")
    ticket.act(action("withdraw", remark="tidak jadi"))
    ticket.settle()
    assert ticket.status == "status:batal"
    assert state_of(ticket).ended == "batal"


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
        assert plan(RULES, ticket.snapshot).empty
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
