"""A small procedure with every kind of move, and a ticket of it that behaves as Redmine's do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.calendars import work_calendar
from connector.engine.effects import (
    AssignGroup,
    AttachFile,
    ClearAssignee,
    Effect,
    MakeDocument,
    Plan,
    SetDueDate,
    SetField,
    SetProgress,
    SetStatus,
    SetTracker,
)
from connector.engine.plan import Fresh, plan
from connector.engine.progress import Rules
from connector.engine.snapshot import Actor, Assignee, Change, Journal, RequesterAction, Snapshot, StoredFile
from connector.engine.state import Issued
from connector.sop.keys import status_key
from connector.sop.model import WEEKDAYS, Organization, Procedure

JAKARTA = dt.timezone(dt.timedelta(hours=7))
MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=JAKARTA)

ORGANIZATION = Organization.model_validate(
    {
        "id": "uji",
        "name": "Universitas Uji",
        "office": "Pusat TIK",
        "short_name": "Pustik",
        "ticket_prefix": "UJI",
        "city": "Jakarta",
        "project": {"identifier": "uji-tik", "name": "Layanan Uji"},
        "calendar": {
            "hours": {
                day: [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "16:00"}]
                for day in WEEKDAYS[:5]
            },
            "national_holidays": False,
            "cuti_bersama": False,
        },
        "letterhead": {"lines": ["Universitas Uji"], "address": "Jalan Uji 1"},
        "roles": [
            {
                "id": "pemohon",
                "title": "Pemohon",
                "name": "Pemohon Uji",
                "kind": "requester",
                "profile": "uji",
            },
            {"id": "meja", "title": "Meja layanan", "name": "Meja Uji", "profile": "uji"},
            {"id": "teknis-a", "title": "Tim A", "name": "Tim A Uji", "profile": "uji"},
            {"id": "teknis-b", "title": "Tim B", "name": "Tim B Uji", "profile": "uji"},
            {"id": "kepala", "title": "Kepala", "name": "Kepala Uji", "profile": "uji"},
            {
                "id": "pengelola-sop",
                "title": "Pengelola SOP",
                "name": "Pengelola Uji",
                "kind": "override",
                "profile": "uji",
            },
        ],
    }
)

PROCEDURE = Procedure.model_validate(
    {
        "id": "layanan",
        "profile": "uji",
        "code": "POS 1",
        "title": "Layanan uji",
        "tracker": "Layanan Uji",
        "summary": "Untuk pengujian.",
        "subject": "{title}: {nama}",
        "header": {"number": "1/UJI"},
        "form": {"title": "Formulir", "fields": ["nama", "email", "uraian", "setuju"]},
        "registrars": ["meja"],
        "on_behalf": ["meja"],
        "requesters": ["pemohon"],
        "withdrawn": "batal",
        "version": "v1",
        "fields": [
            {"id": "nama", "name": "Nama", "label": "Nama", "type": "text", "scope": "uji"},
            {"id": "email", "name": "Surel", "label": "Surel", "type": "email", "scope": "uji"},
            {"id": "uraian", "name": "Uraian", "label": "Uraian", "type": "paragraph", "scope": "uji"},
            {"id": "setuju", "name": "Setuju", "label": "Setuju", "type": "consent", "scope": "uji"},
            {
                "id": "regu",
                "name": "Regu",
                "label": "Regu",
                "type": "choice",
                "choices": ["A", "B"],
                "scope": "uji",
            },
            {"id": "hasil", "name": "Hasil", "label": "Hasil", "type": "text", "scope": "uji"},
            {"id": "izin", "name": "Izin", "label": "Izin", "type": "text", "scope": "uji"},
            {"id": "berita-acara", "name": "Berita Acara", "label": "BA", "type": "file", "scope": "uji"},
            {
                "id": "nilai",
                "name": "Nilai",
                "label": "Nilai",
                "type": "choice",
                "choices": ["1", "2"],
                "scope": "uji",
            },
            {"id": "alasan", "name": "Alasan", "label": "Alasan", "type": "paragraph", "scope": "uji"},
            {
                "id": "permintaan_perbaikan",
                "name": "Perbaikan",
                "label": "Perbaikan",
                "type": "paragraph",
                "scope": "uji",
            },
        ],
        "received": [{"to": ["pemohon"], "text": "Kami terima."}],
        "documents": [
            {
                "id": "berita-acara",
                "template": "naskah",
                "kind": "berita-acara",
                "title": "Berita Acara",
                "body": [{"text": "Permohonan {nama} selesai."}],
            }
        ],
        "steps": [
            {"no": "1", "id": "pengajuan", "title": "Pengajuan", "roles": ["pemohon"]},
            {
                "no": "2",
                "id": "periksa",
                "title": "Pemeriksaan",
                "status": "Pemeriksaan",
                "roles": ["meja"],
                "limit": {"amount": 30, "unit": "menit"},
                "outcomes": {
                    "lengkap": {"to": "kerja", "label": "lengkap"},
                    "kurang": {"to": "pengajuan", "tell": [{"to": ["pemohon"], "text": "Mohon lengkapi."}]},
                    "tolak": {"to": "tolak"},
                },
            },
            {
                "no": "3",
                "id": "kerja",
                "title": "Pengerjaan",
                "status": "Pengerjaan",
                "roles": ["teknis-a", "teknis-b"],
                "assignee_by": {"field": "regu", "roles": {"A": "teknis-a", "B": "teknis-b"}},
                "limit": {"amount": 2, "unit": "hari_kerja"},
                "needs": [{"field": "regu"}, {"field": "izin", "when": {"regu": "B"}}],
                "outcomes": {"selesai": {"to": "sahkan"}},
            },
            {
                "no": "4",
                "id": "sahkan",
                "title": "Pengesahan",
                "status": "Pengesahan",
                "roles": ["kepala"],
                "limit": {"amount": 1, "unit": "hari_kerja"},
                "needs": [{"field": "hasil"}],
                "outputs": [{"id": "berita-acara", "kind": "document"}],
                "outcomes": {"sah": {"to": "terima"}, "ulang": {"to": "kerja", "label": "kerjakan ulang"}},
                "tell": [{"to": ["teknis-a"], "text": "Menunggu pengesahan."}],
            },
            {
                "no": "5",
                "id": "terima",
                "title": "Penerimaan",
                "status": "Penerimaan",
                "roles": ["pemohon"],
                "limit": {"amount": 2, "unit": "hari_kerja"},
                "needs": [{"field": "berita-acara"}],
                "outputs": [{"id": "nilai", "kind": "field"}],
                "outcomes": {
                    "diterima": {"to": "selesai", "label": "hasil diterima"},
                    "keberatan": {"to": "kerja", "label": "keberatan"},
                },
                "tell": [{"to": ["pemohon"], "text": "Hasil siap."}],
            },
        ],
        "ends": [
            {"id": "selesai", "status": "Rampung", "title": "Selesai", "success": True},
            {"id": "tolak", "status": "Tolak", "title": "Ditolak", "needs": [{"field": "alasan"}]},
            {"id": "batal", "status": "Batal", "title": "Ditarik pemohon"},
        ],
    }
)

RULES = Rules(PROCEDURE, ORGANIZATION, work_calendar(ORGANIZATION.calendar))
FRESH = Fresh(number="UJI-2026-000001", token_hash="hash")
CONNECTOR = Actor(id=1, name="Konektor", connector=True)
FORM = {"nama": "Sari", "email": "sari@contoh.id", "uraian": "Jaringan mati", "setuju": "1"}
ALL = tuple(role.id for role in ORGANIZATION.roles if role.id != "pemohon")


def key(field_id: str) -> str:
    found = PROCEDURE.field(field_id)
    assert found is not None
    return found.key


def person(role: str, ref: int = 7) -> Actor:
    return Actor(id=ref, name=f"Orang {role}", roles=frozenset({role}))


@dataclass
class FakeTicket:
    """An issue whose history grows; `settle` lets the engine work on it."""

    snapshot: Snapshot
    now: dt.datetime = MONDAY
    effects: list[Effect] = field(default_factory=list)
    commits: int = 0
    rules: Rules = RULES
    former: Rules | None = None

    @classmethod
    def new(cls, rules: Rules = RULES, /, **fields: str) -> FakeTicket:
        procedure = rules.procedure
        return cls(
            rules=rules,
            snapshot=Snapshot(
                issue=42,
                procedure=procedure.key,
                project=rules.organization.project_key,
                status=status_key(procedure.intake),
                subject="",
                description="",
                author=person(procedure.registrars[0]),
                created=MONDAY,
                fields={field.key: fields[field.id] for field in procedure.fields if field.id in fields},
            ),
        )

    @classmethod
    def at(cls, *steps: tuple[str, str], **fields: str) -> FakeTicket:
        """A ticket that went the way of `steps`: (role, status)."""
        ticket = cls.new(**{**FORM, **fields})
        ticket.settle()
        for role, status in steps:
            ticket.move(role, status)
            ticket.settle()
        ticket.effects.clear()
        return ticket

    def _change(self, by: Actor, notes: str, changes: list[Change], **update: object) -> None:
        self.now += dt.timedelta(minutes=1)
        journal = Journal(
            id=self.snapshot.last_journal + 1, at=self.now, by=by, notes=notes, changes=tuple(changes)
        )
        self.snapshot = self.snapshot.model_copy(
            update={
                "journals": (*self.snapshot.journals, journal),
                "last_journal": journal.id,
                **update,
            }
        )

    def move(self, who: str | Actor, status: str, notes: str = "", **fields: str) -> None:
        """Somebody changes the status, whether the workflow has that move or not."""
        by = person(who) if isinstance(who, str) else who
        target = status_key(status)
        moved = Change(what="status", old=self.snapshot.status, new=target)
        self._change(by, notes, [moved, *self._edits(fields)], status=target, fields=self._with(fields))

    def transfer(self, who: str, rules: Rules, notes: str = "") -> None:
        """Somebody gives the ticket another tracker; Redmine begins there, and drops what the tracker does not have."""
        self.former, self.rules = self.rules, rules
        kept = {field.key for field in rules.procedure.fields}
        target = status_key(rules.procedure.intake)
        lost = [
            Change(what=name, old=value, new=None)
            for name, value in self.snapshot.fields.items()
            if name.startswith("field:uji") and name not in kept
        ]
        moved = Change(what="tracker", old=self.former.procedure.tracker_key, new=rules.procedure.tracker_key)
        self._change(
            person(who),
            notes,
            [moved, Change(what="status", old=self.snapshot.status, new=target), *lost],
            status=target,
            procedure=rules.procedure.key,
            fields={k: v for k, v in self.snapshot.fields.items() if k not in {c.what for c in lost}},
        )

    def edit(self, role: str, **fields: str) -> None:
        """Somebody changes fields; an empty value clears one."""
        self._change(person(role), "", self._edits(fields), fields=self._with(fields))

    def note(self, who: Actor, text: str, *, private: bool = False) -> None:
        """Somebody writes a note. Redmine makes a private one that comes with changes a journal of its own."""
        before = self.now
        self._change(who, text, [])
        *others, last = self.snapshot.journals
        if private:
            self.now = before
            last = last.model_copy(update={"private": True, "at": before})
        self.snapshot = self.snapshot.model_copy(update={"journals": (*others, last)})

    def _edits(self, fields: Mapping[str, str]) -> list[Change]:
        before = self.snapshot.fields
        wanted = {self._key(name): value for name, value in fields.items()}
        return [
            Change(what=name, old=before.get(name, ""), new=value)
            for name, value in wanted.items()
            if before.get(name, "") != value
        ]

    def _with(self, fields: Mapping[str, str]) -> dict[str, str]:
        values = {**self.snapshot.fields, **{self._key(name): value for name, value in fields.items()}}
        return {name: value for name, value in values.items() if value}

    def _key(self, field_id: str) -> str:
        found = self.rules.procedure.field(field_id)
        assert found is not None
        return found.key

    def assign(self, role: str, *, group: bool = False) -> None:
        who = Assignee(id=70, name=role, is_group=group, roles=frozenset({role}))
        self._change(person(role), "", [Change(what="assignee", old=None, new="70")], assignee=who)

    def act(self, action: RequesterAction) -> None:
        self.snapshot = self.snapshot.model_copy(update={"actions": (*self.snapshot.actions, action)})

    def settle(self) -> list[Effect]:
        """Plan and perform until nothing is left to do; gives the effects."""
        done: list[Effect] = []
        for _ in range(3):
            planned = plan(self.rules, self.snapshot, self.now, FRESH, self.former)
            keep = tuple(each for each in self.snapshot.actions if each.key not in planned.actions_done)
            self.snapshot = self.snapshot.model_copy(update={"actions": keep})
            if planned.empty:
                self.effects += done
                return done
            self._perform(planned)
            done += planned.effects
        raise AssertionError("the engine does not come to rest")

    def _perform(self, planned: Plan) -> None:
        self.commits += 1
        update: dict[str, object] = {}
        fields = dict(self.snapshot.fields)
        files = dict(self.snapshot.files)
        state = planned.state
        for effect in planned.effects:
            match effect:
                case SetTracker() if self.former is not None:
                    self.rules = self.former
                    update["procedure"] = self.rules.procedure.key
                case SetStatus(status=status):
                    update["status"] = status
                case AssignGroup(group=group):
                    role = group.rpartition(":")[2]
                    update["assignee"] = Assignee(id=50, name=role, is_group=True, roles=frozenset({role}))
                case ClearAssignee():
                    update["assignee"] = None
                case SetDueDate(date=date):
                    update["due_date"] = date
                case SetProgress(percent=percent):
                    update["done_ratio"] = percent
                case SetField(field=name, value=value):
                    fields[name] = value
                case AttachFile(field=name):
                    files[name] = _file(900)
                case MakeDocument() if state is not None:
                    files[effect.field] = _file(901)
                    former = [each for each in state.documents if each.field == effect.field_id]
                    issued = Issued(
                        template=effect.template,
                        field=effect.field_id,
                        number=f"{effect.number}-{len(former) + 1}" if former else effect.number,
                        code=effect.key,
                        sha256="0" * 64,
                        attachment=None,
                        at=self.now,
                    )
                    state = state.model_copy(update={"documents": (*state.documents, issued)})
        fields = {name: value for name, value in fields.items() if value}
        target = str(update.get("status", self.status))
        written = [Change(what="status", old=self.status, new=target)] if target != self.status else []
        before = self.snapshot.fields
        written += [
            Change(what=name, old=before.get(name, ""), new=fields.get(name, ""))
            for name in {**before, **fields}
            if before.get(name, "") != fields.get(name, "")
        ]
        self._change(CONNECTOR, "", written, **update, fields=fields, files=files)
        self.snapshot = self.snapshot.model_copy(
            update={
                "state": state,
                "cursor": self.snapshot.last_journal,
                "version": self.snapshot.version + 1,
            }
        )

    @property
    def status(self) -> str:
        return self.snapshot.status


def _file(ref: int) -> StoredFile:
    return StoredFile(id=ref, name="a.pdf", size=1, content_type="application/pdf", digest="0" * 64, author=1)
