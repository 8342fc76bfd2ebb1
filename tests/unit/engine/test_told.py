"""Who hears of what at Bung Hatta and in West Java: contacts of the ticket, and a step that is done in person."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from connector.calendars import work_calendar
from connector.engine.effects import AddNote, SendMail, SetField, SetStatus
from connector.engine.plan import Fresh, plan, plan_submission
from connector.engine.progress import Rules
from connector.engine.snapshot import Actor, Change, Journal, RequesterAction, Snapshot, Submission
from connector.engine.state import TicketState
from connector.portal.deeds import deeds_of
from connector.sop.keys import STEP_FIELD, status_key
from connector.sop.loader import load

MAPPINGS = Path(__file__).resolve().parents[3] / "sop_mappings"
CATALOGUE = load(MAPPINGS, ("bunghatta", "jabar"))
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
FRESH = Fresh(number="UBH-2026-000001", token_hash="hash")
FAULT = {"lokasi_gangguan": "Gedung B", "uraian_gangguan_koneksi": "Mati sejak pagi"}


def rules_of(profile: str, procedure_id: str) -> Rules:
    organization = CATALOGUE.organization(profile)
    procedure = CATALOGUE.procedure(profile, procedure_id)
    assert organization is not None
    assert procedure is not None
    return Rules(procedure, organization, work_calendar(organization.calendar))


def submission(rules: Rules, **fields: str) -> Submission:
    return Submission(
        id="1",
        procedure=rules.procedure.key,
        number=FRESH.number,
        received=NOW,
        token_hash="hash",
        fields=fields,
    )


def ticket(
    rules: Rules,
    status: str,
    state: TicketState | None,
    given: dict[str, str],
    journals: tuple[Journal, ...] = (),
) -> Snapshot:
    known = {field.id: field.key for field in rules.procedure.fields}
    return Snapshot(
        issue=1,
        procedure=rules.procedure.key,
        project=rules.organization.id,
        status=status_key(status),
        subject="",
        description="",
        author=Actor(id=3, name="Staf", roles=frozenset({"staf-jaringan"})),
        created=NOW,
        fields={known[name]: value for name, value in given.items()},
        journals=journals,
        last_journal=journals[-1].id if journals else 0,
        state=state,
    )


def moved(old: str, new: str, role: str) -> Journal:
    change = Change(what="status", old=status_key(old), new=status_key(new))
    by = Actor(id=3, name="Staf", roles=frozenset({role}))
    return Journal(id=1, at=NOW + dt.timedelta(minutes=20), by=by, notes="", changes=(change,))


def mails(effects: tuple[object, ...]) -> dict[str, str]:
    return {effect.to: effect.template for effect in effects if isinstance(effect, SendMail)}


def standing(rules: Rules, step_id: str, **fields: str) -> TicketState:
    """The state of a ticket that stands in a step."""
    made = plan_submission(rules, submission(rules, **fields)).state
    assert made is not None
    return made.model_copy(update={"stays": (made.stays[-1].model_copy(update={"step": step_id}),)})


def test_the_contacts_named_on_the_ticket_are_told_without_the_secret_link() -> None:
    rules = rules_of("bunghatta", "gangguan-koneksi")
    given = {
        **FAULT,
        "email_pemohon": "sari@contoh.id",
        "email_kontak_it": "it.fti@contoh.id, it.fh@contoh.id,it.fti@contoh.id",
        "penyebab_gangguan": "Serat optik putus",
        "estimasi_pemulihan": "Sore ini",
    }
    move = moved("Laporan gangguan prasarana", "Pemulihan koneksi", "staf-jaringan")
    state = standing(rules, "laporan-prasarana", **FAULT)
    effects = plan(rules, ticket(rules, "Pemulihan koneksi", state, given, (move,)), NOW).effects
    assert mails(effects) == {
        "role:kadiv-networking": "staf",
        "it.fti@contoh.id": "kontak",
        "it.fh@contoh.id": "kontak",
        "sari@contoh.id": "kabar",
    }
    sent = [effect for effect in effects if isinstance(effect, SendMail)]
    assert len({effect.key for effect in sent}) == len(sent)
    assert [detail["value"] for detail in sent[0].data["details"]] == [  # type: ignore[attr-defined]
        *("Gedung B", "Serat optik putus", "Sore ini")
    ]


def test_what_monitoring_found_goes_on_without_a_requester() -> None:
    rules = rules_of("bunghatta", "gangguan-koneksi")
    done = plan(rules, ticket(rules, rules.procedure.intake, None, FAULT), NOW, FRESH)
    assert done.state is not None
    assert done.state.stays[0].step == "pengecekan-ping"
    assert mails(done.effects) == {}


def test_a_step_that_was_put_in_does_not_change_how_many_there_are() -> None:
    rules = rules_of("bunghatta", "gangguan-koneksi")
    effects = plan_submission(rules, submission(rules, **FAULT)).effects
    written = {effect.field: effect.value for effect in effects if isinstance(effect, SetField)}
    assert written[STEP_FIELD] == "2 dari 10: Pengecekan perangkat dengan ping"


def test_nobody_shows_his_identity_card_on_the_portal() -> None:
    rules = rules_of("bunghatta", "ganti-password")
    given = {"email_pemohon": "sari@contoh.id", "nama_akun": "sari", "identitas_pengguna": "1910"}
    made = plan_submission(rules, submission(rules, **given))
    assert mails(made.effects) == {"sari@contoh.id": "kabar"}
    assert made.state is not None
    status = status_key("Penunjukan bukti diri")
    assert [deed.kind for deed in deeds_of(rules.procedure, status, made.state, {})] == [
        "message",
        "withdraw",
    ]
    forged = RequesterAction(
        key="k",
        kind="outcome",
        number=FRESH.number,
        at=NOW,
        step="bukti-diri",
        outcome="ditunjukkan",
        fields={"jenis_bukti_diri": "KTP"},
        remark="",
    )
    seen = ticket(rules, "Penunjukan bukti diri", made.state, given)
    done = plan(rules, seen.model_copy(update={"actions": (forged,)}), NOW)
    assert done.actions_done == ("k",)
    # nothing follows from it but that he is told
    said = {effect.template for effect in done.effects if isinstance(effect, AddNote | SendMail)}
    assert said == {"tidak-dijalankan"}
    assert not any(isinstance(effect, SetStatus) for effect in done.effects)
    assert "KTP" not in {effect.value for effect in done.effects if isinstance(effect, SetField)}


def test_an_open_ticket_is_told_to_everybody_whom_the_sop_names() -> None:
    rules = rules_of("jabar", "service-desk")
    given = {"email_pemohon": "sari@contoh.id", "perangkat_daerah": "Bappeda"}
    told = mails(plan_submission(rules, submission(rules, **given)).effects)
    assert told == {f"role:{role}": "staf" for role in ("helpdesk", "kepala-bidang", "kepala-seksi")}
