"""The ports in memory. `tests/unit/test_fakes.py` holds the store to the promises of the real one."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.engine.snapshot import (
    Actor,
    Assignee,
    Change,
    Journal,
    RequesterAction,
    Snapshot,
    StoredFile,
    Submission,
    SubmittedFile,
)
from connector.engine.state import PORTAL, TicketState
from connector.errors import ConflictError, NotFoundError, NumberTakenError, TransientError
from connector.ports import (
    Alerts,
    Bookkeeping,
    Clocks,
    Code,
    Codes,
    Content,
    Counters,
    DeadJob,
    Delivery,
    DeliveryState,
    DigestLog,
    DigestSlot,
    Draft,
    Drafts,
    FeedCursor,
    FeedPage,
    Files,
    IssueChange,
    Job,
    Member,
    NewIssue,
    Numbers,
    Outbox,
    OutgoingMail,
    PaperStatus,
    Queue,
    Register,
    Registered,
    Report,
    Signed,
    Slot,
    SlotState,
    StateRow,
    Submissions,
    Ticket,
    Upload,
    Uploaded,
    Warned,
    Warnings,
    Watch,
)

ALLOTTED, VOID = PaperStatus.ALLOTTED, PaperStatus.VOID

# the store ------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A job."""

    key: str
    run_at: dt.datetime
    attempts: int = 0
    lease: str | None = None
    leased_until: dt.datetime | None = None
    again_at: dt.datetime | None = None
    dead_since: dt.datetime | None = None
    error: str = ""

    def release(self) -> None:
        self.lease = self.leased_until = self.again_at = None

    def due(self, now: dt.datetime) -> bool:
        if self.dead_since:
            return False
        return self.leased_until <= now if self.leased_until else self.run_at <= now


class FakeQueue:
    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self._lock = threading.RLock()
        self._leases = itertools.count(1)

    def put(self, key: str, *, now: dt.datetime, at: dt.datetime | None = None) -> None:
        wanted = at or now
        with self._lock:
            row = self.rows.get(key)
            if row is None or row.dead_since:
                self.rows[key] = Row(key, wanted)
            elif row.lease:
                row.again_at = min(row.again_at or wanted, wanted)
            else:
                row.run_at = min(row.run_at, wanted)

    def claim(
        self, worker: str, *, now: dt.datetime, lease: dt.timedelta, key: str | None = None
    ) -> Job | None:
        with self._lock:
            open_ = [row for row in self.rows.values() if row.due(now) and key in (None, row.key)]
            due = sorted(open_, key=lambda row: row.run_at)
            if not due:
                return None
            row = due[0]
            row.lease, row.leased_until = str(next(self._leases)), now + lease
            row.attempts += 1
            return Job(row.key, row.lease, row.attempts)

    def _mine(self, job: Job) -> Row | None:
        row = self.rows.get(job.key)
        return row if row is not None and row.lease == job.lease else None

    def finish(self, job: Job) -> None:
        with self._lock:
            row = self._mine(job)
            if row is None:
                return
            del self.rows[job.key]
            if row.again_at is not None:
                self.rows[job.key] = Row(job.key, row.again_at)

    def retry(self, job: Job, *, at: dt.datetime, error: str) -> None:
        with self._lock:
            if row := self._mine(job):
                row.run_at, row.error = at, error
                row.release()

    def bury(self, job: Job, *, now: dt.datetime, error: str) -> None:
        with self._lock:
            if row := self._mine(job):
                row.dead_since, row.error = now, error
                row.release()

    def behind(self, kind: str, *, now: dt.datetime) -> int:
        mine = [row for row in self.rows.values() if row.key.startswith(f"{kind}:")]
        failed = [row for row in mine if row.attempts and not row.lease and not row.dead_since]
        return len(failed) + sum(row.due(now) for row in mine if row not in failed)

    def dead(self) -> Sequence[DeadJob]:
        rows = sorted((row.dead_since, row.key, row) for row in self.rows.values() if row.dead_since)
        return tuple(DeadJob(key, row.attempts, row.error, since) for since, key, row in rows)

    def revive(self, key: str, *, now: dt.datetime) -> bool:
        with self._lock:
            row = self.rows.get(key)
            if row is None or not row.dead_since:
                return False
            self.rows[key] = Row(key, now)
            return True

    def drop(self, key: str) -> bool:
        row = self.rows.get(key)
        return row is not None and row.dead_since is not None and self.rows.pop(key) is not None

    def counts(self, *, now: dt.datetime) -> Mapping[str, int]:
        alive = [row for row in self.rows.values() if not row.dead_since]
        claimed = [row for row in alive if row.leased_until and row.leased_until > now]
        due = [row for row in alive if row.due(now)]
        return {
            "waiting": len(alive) - len(claimed),
            "due": len(due),
            "claimed": len(claimed),
            "dead": len(self.rows) - len(alive),
            "oldest_seconds": max((int((now - row.run_at).total_seconds()) for row in due), default=0),
        }


class FakeOutbox:
    def __init__(self, queue: FakeQueue) -> None:
        self.mails: dict[str, tuple[str, OutgoingMail]] = {}
        self._queue = queue

    def hold(self, mails: Sequence[OutgoingMail], *, now: dt.datetime) -> None:
        for mail in mails:
            self.mails.setdefault(mail.key, ("held", mail))

    def release(self, keys: Iterable[str], *, now: dt.datetime) -> None:
        for key in keys:
            state, mail = self.mails.get(key, ("", None))
            if state == "held" and mail is not None:
                self.mails[key] = ("ready", mail)
                self._queue.put(f"mail:{key}", now=now)

    def discard(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            if self.mails.get(key, ("",))[0] == "held":
                del self.mails[key]

    def recall(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self.mails.get(key, ("sent",))[0] != "sent":
                del self.mails[key]

    def held(self) -> Sequence[OutgoingMail]:
        return tuple(mail for _, (state, mail) in sorted(self.mails.items()) if state == "held")

    def mail(self, key: str) -> OutgoingMail | None:
        state, mail = self.mails.get(key, ("", None))
        return mail if state == "ready" else None

    def sent(self, key: str, *, now: dt.datetime) -> None:
        self.mails[key] = ("sent", OutgoingMail(key, "", "", "", ""))


class FakeWarnings:
    def __init__(self, queue: FakeQueue, outbox: FakeOutbox) -> None:
        self.rows: dict[str, tuple[str, Warned]] = {}
        self._queue, self._outbox = queue, outbox
        self._lock = threading.Lock()

    def hold(self, warned: Sequence[Warned]) -> None:
        for each in warned:
            self.rows.setdefault(each.key, ("held", each))

    def release(self, keys: Iterable[str], *, now: dt.datetime, at: dt.datetime) -> None:
        for key in keys:
            state, warned = self.rows.get(key, ("", None))
            if state == "held" and warned is not None:
                self.rows[key] = ("ready", replace(warned, since=now))
                self._queue.put(f"warn:{warned.person}", now=now, at=at)

    def discard(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self.rows.get(key, ("",))[0] == "held":
                del self.rows[key]

    def held(self, issue: int) -> Sequence[Warned]:
        return self._of("held", lambda each: each.issue == issue)

    def ready(self, person: int) -> Sequence[Warned]:
        return self._of("ready", lambda each: each.person == person)

    def _of(self, wanted: str, mine: Callable[[Warned], bool]) -> Sequence[Warned]:
        found = (each for state, each in self.rows.values() if state == wanted and mine(each))
        return tuple(sorted(found, key=lambda each: (each.since, each.key)))

    def tell(self, warned: Sequence[Warned], mail: OutgoingMail | None, *, now: dt.datetime) -> bool:
        with self._lock:
            if any(self.rows.get(each.key, ("",))[0] != "ready" for each in warned):
                return False
            for each in warned:
                self.rows[each.key] = ("sent", each)
            if mail is not None:
                self._outbox.hold([mail], now=now)
                self._outbox.release([mail.key], now=now)
            return True


class FakeClocks:
    def __init__(self, queue: FakeQueue) -> None:
        self.rows: dict[int, dt.datetime] = {}
        self._queue = queue

    def set(self, issue: int, at: dt.datetime | None) -> None:
        self.rows.pop(issue, None)
        if at is not None:
            self.rows[issue] = at

    def fill(self, wakes: Mapping[int, dt.datetime]) -> None:
        for issue, at in wakes.items():
            self.rows.setdefault(issue, at)

    def due(self, *, now: dt.datetime) -> Sequence[int]:
        return tuple(
            issue for at, issue in sorted((at, issue) for issue, at in self.rows.items()) if at <= now
        )

    def ring(self, issues: Sequence[int], *, now: dt.datetime) -> int:
        mine = [issue for issue in issues if issue in self.rows and self.rows[issue] <= now]
        for issue in mine:
            del self.rows[issue]
            self._queue.put(f"issue:{issue}", now=now)
        return len(mine)


class FakeNumbers:
    def __init__(self) -> None:
        self.last: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def next(self, prefix: str, year: int) -> str:
        with self._lock:
            number = self.last[prefix, year] = self.last.get((prefix, year), 0) + 1
        return f"{prefix}-{year}-{number:06d}"

    def seed(self, prefix: str, year: int, highest: int) -> None:
        self.last[prefix, year] = max(highest, self.last.get((prefix, year), 0))


class FakeRegister:
    def __init__(self) -> None:
        self.rows: dict[str, Registered] = {}
        self.kept: dict[str, Signed] = {}
        self.last: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def allot(self, slot: Slot, write: Callable[[int], Registered]) -> Registered:
        with self._lock:
            for row in self.rows.values():
                if (row.slot.owner, row.slot.key) == (slot.owner, slot.key) and row.status != VOID:
                    return row
            place = slot.series, slot.year
            sequence = self.last.get(place, 0) + 1
            made = write(sequence)
            self.last[place] = sequence
            # as a database gives it back
            self.rows[made.code] = replace(made, data=json.loads(json.dumps(made.data)))
            return made

    def allotted(self, owner: str) -> Sequence[Registered]:
        waiting = (row for row in self.rows.values() if row.slot.owner == owner and row.status == ALLOTTED)
        return tuple(sorted(waiting, key=lambda row: (row.at, row.code)))

    def record(self, known: Sequence[Registered]) -> None:
        for each in known:
            place = each.slot.series, each.slot.year
            self.last[place] = max(self.last.get(place, 0), each.sequence)
            before = self.rows.get(each.code)
            data = before.data if before else None
            attachment = each.attachment or (before.attachment if before else None)
            self.rows[each.code] = replace(each, data=data, attachment=attachment)
            self.kept.pop(each.code, None)

    def abandon(self, issue: int, reason: str) -> None:
        for code, row in self.rows.items():
            if row.status == ALLOTTED and (row.issue == issue or row.slot.owner == f"issue:{issue}"):
                self.rows[code] = replace(row, status=VOID, reason=reason)

    def signed(self, code: str) -> Signed | None:
        return self.kept.get(code)

    def keep_signed(self, code: str, signed: Signed) -> Signed:
        return self.kept.setdefault(code, signed)

    def by_code(self, code: str) -> Registered | None:
        return self.rows.get(code)

    def entries(self, *, issue: int | None = None, year: int | None = None) -> Sequence[Registered]:
        mine = (
            row
            for row in self.rows.values()
            if issue in (None, row.issue) and year in (None, row.slot.year or row.at.year)
        )
        return tuple(sorted(mine, key=lambda r: (r.organization, r.slot.year, r.slot.series, r.sequence)))


class Bytes:
    """`connector.ports.Content` in memory."""

    def __init__(self, content: bytes) -> None:
        self._size, self._stream = len(content), io.BytesIO(content)

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


class FakeFiles:
    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.waiting: dict[str, tuple[str, dt.datetime, SubmittedFile]] = {}
        self._ids = itertools.count(1)

    def hold(self, key: str, upload: Upload, *, until: dt.datetime) -> SubmittedFile:
        upload.stream.seek(0)
        content = upload.stream.read()
        digest = hashlib.sha256(content).hexdigest()
        for held in self.held(key):
            if (held.field, held.sha256) == (upload.field, digest):
                return held
        made = SubmittedFile(
            field=upload.field,
            ref=f"berkas-{next(self._ids)}",
            name=upload.filename,
            content_type=upload.content_type,
            size=len(content),
            sha256=digest,
        )
        self.contents[made.ref] = content
        self.waiting[made.ref] = (key, until, made)
        return made

    def held(self, key: str) -> Sequence[SubmittedFile]:
        return tuple(file for owner, _, file in self.waiting.values() if owner == key and key)

    def let_go(self, key: str, refs: Sequence[str]) -> None:
        for ref in refs:
            if ref in self.waiting and self.waiting[ref][0] == key:
                self.forget(ref)

    def open(self, ref: str) -> Content | None:
        return Bytes(self.contents[ref]) if ref in self.contents else None

    def expire(self, *, now: dt.datetime) -> None:
        for ref in [ref for ref, (_, until, _) in self.waiting.items() if until <= now]:
            self.forget(ref)

    def forget(self, ref: str) -> None:
        self.waiting.pop(ref, None)
        self.contents.pop(ref, None)

    def claim(self, key: str, refs: Sequence[str]) -> tuple[SubmittedFile, ...]:
        if any(ref not in self.waiting or self.waiting[ref][0] != key for ref in refs):
            raise NotFoundError("berkas tidak lagi tersimpan")
        return tuple(self.waiting.pop(ref)[2] for ref in refs)

    def last(self, key: str, until: dt.datetime) -> None:
        for ref, (owner, _, file) in list(self.waiting.items()):
            if owner == key:
                self.waiting[ref] = (owner, until, file)


class FakeDrafts:
    def __init__(self, files: FakeFiles, outbox: FakeOutbox) -> None:
        self.rows: dict[str, Draft] = {}
        self.sent_codes: dict[str, tuple[Code, int]] = {}
        self._files, self._outbox = files, outbox

    def save(self, draft: Draft, mail: OutgoingMail, *, now: dt.datetime, code: Code | None = None) -> None:
        self.rows[draft.key] = draft
        self._files.last(draft.key, draft.expires)
        if code is not None:
            self.sent_codes[draft.key] = (code, 0)
        self._outbox.hold([mail], now=now)
        self._outbox.release([mail.key], now=now)

    def draft(self, key: str, *, now: dt.datetime) -> Draft | None:
        found = self.rows.get(key)
        return found if found is not None and found.expires > now else None

    def by_token(self, token_hash: str, *, now: dt.datetime) -> Draft | None:
        keys = (key for key, row in self.rows.items() if row.token_hash == token_hash)
        return next((found for key in keys if (found := self.draft(key, now=now))), None)

    def codes(self, key: str) -> int:
        return self.sent_codes[key][0].nth if key in self.sent_codes else 0

    def proves(self, key: str, code_hash: str, *, now: dt.datetime, tries: int) -> bool:
        code, tried = self.sent_codes.get(key, (None, 0))
        if code is None or tried >= tries or code.until <= now:
            return False
        self.sent_codes[key] = (code, tried + 1)
        return code.hash == code_hash

    def drop(self, key: str) -> None:
        self.rows.pop(key, None)
        self.sent_codes.pop(key, None)

    def expire(self, *, now: dt.datetime) -> None:
        for key in [key for key, row in self.rows.items() if row.expires <= now]:
            self.drop(key)
            self._files.let_go(key, [file.ref for file in self._files.held(key)])


class FakeCodes:
    def __init__(self, outbox: FakeOutbox) -> None:
        self.rows: dict[str, tuple[str, dt.datetime, int]] = {}
        self.sent: dict[str, list[dt.datetime]] = {}
        self._outbox = outbox

    def send(
        self, key: str, code_hash: str, mail: OutgoingMail, *, until: dt.datetime, now: dt.datetime, most: int
    ) -> bool:
        recent = [at for at in self.sent.get(key, []) if at + dt.timedelta(hours=1) > now]
        if len(recent) >= most:
            return False
        self.sent[key] = [*recent, now]
        self.rows[key] = (code_hash, until, 0)
        self._outbox.hold([mail], now=now)
        self._outbox.release([mail.key], now=now)
        return True

    def proves(self, key: str, code_hash: str, *, now: dt.datetime, tries: int) -> bool:
        known, until, tried = self.rows.get(key, ("", now, tries))
        if tried >= tries or until <= now:
            return False
        right = bool(known) and known == code_hash
        self.rows[key] = ("" if right else known, until, tried + 1)
        return right

    def expire(self, *, now: dt.datetime) -> None:
        self.rows = {key: row for key, row in self.rows.items() if row[1] > now}


class FakeSubmissions:
    def __init__(
        self,
        queue: FakeQueue,
        outbox: FakeOutbox,
        numbers: FakeNumbers,
        files: FakeFiles,
        drafts: FakeDrafts,
    ) -> None:
        self.rows: dict[str, Submission] = {}
        self.nonces: dict[str, str] = {}
        self.actions: dict[str, RequesterAction] = {}
        self.done: set[str] = set()
        self._queue, self._outbox, self._numbers = queue, outbox, numbers
        self._files, self._drafts = files, drafts
        self._lock = threading.RLock()
        self._ids = itertools.count(1)

    def submit(
        self,
        *,
        nonce: str,
        procedure: str,
        prefix: str,
        received: dt.datetime,
        year: int,
        fields: Mapping[str, str],
        files: Sequence[str],
        ticket: Callable[[str], Ticket],
        origin: str = PORTAL,
    ) -> Submission:
        with self._lock:
            if nonce in self.nonces:
                self._files.let_go(nonce, [file.ref for file in self._files.held(nonce)])
                return self.rows[self.nonces[nonce]]
            number, ref = self._numbers.next(prefix, year), f"pengajuan-{next(self._ids)}"
            made = ticket(number)
            self.rows[ref] = Submission(
                id=ref,
                procedure=procedure,
                number=number,
                received=received,
                token_hash=made.token_hash,
                fields=dict(fields),
                files=self._files.claim(nonce, files),
                origin=origin,
            )
            self.nonces[nonce] = ref
            self._drafts.drop(nonce)
            self._send(made.mail, received)
            self._queue.put(f"submission:{ref}", now=received)
            return self.rows[ref]

    def _send(self, mail: OutgoingMail | None, now: dt.datetime) -> None:
        if mail is not None:
            self._outbox.hold([mail], now=now)
            self._outbox.release([mail.key], now=now)

    def submission(self, submission_id: str) -> Submission | None:
        return self.rows.get(submission_id)

    def by_number(self, number: str) -> Submission | None:
        return next((row for row in self.rows.values() if row.number == number), None)

    def by_nonce(self, nonce: str) -> Submission | None:
        return self.rows.get(self.nonces.get(nonce, ""))

    def forwarded(self, submission_id: str, issue: int) -> None:
        row = self.rows[submission_id]
        for file in row.files:
            self._files.forget(file.ref)
        self.rows[submission_id] = row.model_copy(update={"issue": issue, "fields": {}, "files": ()})

    def renumber(
        self, submission_id: str, *, prefix: str, year: int, ticket: Callable[[str], Ticket]
    ) -> Submission:
        before, number = self.rows[submission_id], self._numbers.next(prefix, year)
        made = ticket(number)
        changed = before.model_copy(update={"number": number, "token_hash": made.token_hash})
        self.rows[submission_id] = changed
        self._send(made.mail, before.received)
        return changed

    def add_action(
        self, action: RequesterAction, files: Sequence[str], *, issue: int | None, now: dt.datetime
    ) -> bool:
        with self._lock:
            if action.key in self.actions:
                return False
            self.actions[action.key] = action.model_copy(
                update={"files": self._files.claim(action.key, files)}
            )
            owner = self.by_number(action.number)
            if issue is None and owner is None:
                raise NotFoundError("tidak ada pengajuan dengan nomor ini")
            known = issue or (owner.issue if owner else None)
            job = f"issue:{known}" if known else f"submission:{owner.id if owner else ''}"
            self._queue.put(job, now=now)
            return True

    def pending_actions(self, number: str) -> Sequence[RequesterAction]:
        mine = [a for a in self.actions.values() if a.number == number and a.key not in self.done]
        return tuple(sorted(mine, key=lambda each: (each.at, each.key)))

    def actions_done(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.done.add(key)
            for file in self.actions[key].files if key in self.actions else ():
                self._files.forget(file.ref)


class FakeAlerts:
    def __init__(self, queue: FakeQueue) -> None:
        self.rows: dict[str, Watch] = {}
        self._queue = queue

    def watch(self, key: str) -> Watch | None:
        return self.rows.get(key)

    def report(self, report: Report) -> bool:
        if report.key not in self.rows:
            return False
        self.rows[report.key] = replace(self.rows[report.key], report=report)
        self._queue.put(f"alert:{report.key}", now=report.at)
        return True

    def opened(self, report: Report, submission: str) -> None:
        known = self.rows.get(report.key, Watch(replace(report, fields={}), submission, told=True))
        self.rows[report.key] = replace(known, submission=submission, told=True)

    def told(self, watch: Watch) -> None:
        row = replace(self.rows[watch.report.key], told=watch.report.firing)
        if row.report.at == watch.report.at:
            row = replace(row, report=replace(row.report, fields={}))
        self.rows[watch.report.key] = row


class FakeDigests:
    def __init__(self, queue: FakeQueue) -> None:
        self.known: dict[tuple[str, dt.datetime], DigestSlot] = {}
        self.rows: dict[str, Delivery] = {}
        self._queue = queue
        self._lock = threading.RLock()

    def slots(self, profile: str, since: dt.datetime) -> Sequence[DigestSlot]:
        mine = [each for each in self.known.values() if each.profile == profile and each.slot >= since]
        return tuple(sorted(mine, key=lambda each: each.slot))

    def begin(self, profile: str, slot: dt.datetime) -> None:
        self.known.setdefault((profile, slot), DigestSlot(profile, slot, SlotState.BEGUN))

    def miss(self, profile: str, slots: Iterable[dt.datetime], reason: str) -> None:
        for slot in slots:
            self.known.setdefault((profile, slot), DigestSlot(profile, slot, SlotState.MISSED, reason))

    def fail(self, profile: str, slot: dt.datetime, reason: str) -> None:
        self.miss(profile, [slot], reason)
        if self.known[profile, slot].state is SlotState.MISSED:
            self.known[profile, slot] = DigestSlot(profile, slot, SlotState.MISSED, reason)

    def open(self, profile: str, slot: dt.datetime, people: Iterable[int], *, now: dt.datetime) -> bool:
        with self._lock:
            before = self.known.get((profile, slot))
            if before is not None and before.state is SlotState.OPENED:
                return False
            self.known[profile, slot] = DigestSlot(profile, slot, SlotState.OPENED)
            for key, row in self.rows.items():
                if row.profile == profile and row.slot < slot and row.state is DeliveryState.WAITING:
                    self.rows[key] = replace(row, state=DeliveryState.LOST, changed=now)
                    self._queue.drop(f"digest:{key}")
            for person in sorted(set(people)):
                key = f"{profile}:{slot.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}:{person}"
                self.rows.setdefault(key, Delivery(key, profile, person, slot, changed=now))
                self._queue.put(f"digest:{key}", now=now)
            return True

    def delivery(self, key: str) -> Delivery | None:
        return self.rows.get(key)

    def deliveries(self, profile: str, since: dt.datetime) -> Sequence[Delivery]:
        mine = [each for each in self.rows.values() if each.profile == profile and each.slot >= since]
        return tuple(sorted(mine, key=lambda each: (each.slot, each.person)))

    def trouble(self, key: str, reason: str, *, now: dt.datetime) -> None:
        row = self.rows.get(key)
        if row is not None and row.state is DeliveryState.WAITING:
            self.rows[key] = replace(row, reason=reason, changed=now)

    def settle(
        self,
        key: str,
        state: DeliveryState,
        *,
        now: dt.datetime,
        counts: Mapping[str, int] | None = None,
        scope: str = "",
    ) -> bool:
        row = self.rows.get(key)
        if row is None or row.state is not DeliveryState.WAITING:
            return False
        reason = row.reason if state is DeliveryState.LOST else ""
        done = replace(row, state=state, counts=dict(counts or {}), scope=scope, reason=reason, changed=now)
        self.rows[key] = done
        return True


class FakeCounters:
    def __init__(self) -> None:
        self.counts: dict[str, tuple[int, dt.datetime]] = {}

    def add(self, key: str, amount: int, *, now: dt.datetime, lasts: dt.timedelta) -> int:
        count, until = self.counts.get(key, (0, now))
        self.counts[key] = (count + amount, until) if until > now else (amount, now + lasts)
        return self.counts[key][0]

    def count(self, key: str, *, now: dt.datetime) -> int:
        count, until = self.counts.get(key, (0, now))
        return count if until > now else 0

    def until(self, key: str, *, now: dt.datetime) -> dt.datetime:
        return self.counts.get(key, (0, now))[1]

    def forget(self, key: str) -> None:
        self.counts.pop(key, None)

    def expire(self, *, now: dt.datetime) -> None:
        self.counts = {key: each for key, each in self.counts.items() if each[1] > now}


class FakeBooks:
    def __init__(self) -> None:
        self._cursor: FeedCursor | None = None
        self._ticks: dict[str, dt.datetime] = {}
        self._ready = False
        self._beats: dict[str, dt.datetime] = {}
        self._lock = threading.Lock()

    def cursor(self) -> FeedCursor | None:
        return self._cursor

    def set_cursor(self, cursor: FeedCursor) -> None:
        self._cursor = cursor

    def claim_tick(self, name: str, slot: dt.datetime, *, every: dt.timedelta | None = None) -> bool:
        with self._lock:
            last = self._ticks.get(name)
            wrong = last is not None and every is not None and last > slot + 2 * every
            if last is not None and last >= slot and not wrong:
                return False
            self._ticks[name] = slot
            return True

    def ready(self) -> bool:
        return self._ready

    def set_ready(self) -> None:
        self._ready = True

    def beat(self, worker: str, *, now: dt.datetime) -> None:
        self._beats[worker] = now

    def last_beat(self) -> dt.datetime | None:
        return max(self._beats.values(), default=None)


class FakeStore:
    """`connector.ports.Store` in memory; `down` makes the database not answer."""

    def __init__(self) -> None:
        queue, numbers = FakeQueue(), FakeNumbers()
        outbox = FakeOutbox(queue)
        self.queue: Queue = queue
        self.jobs = queue.rows
        self.outbox: Outbox = outbox
        self.warnings: Warnings = FakeWarnings(queue, outbox)
        self.clocks: Clocks = FakeClocks(queue)
        self.numbers: Numbers = numbers
        self.register: Register = FakeRegister()
        files = FakeFiles()
        drafts = FakeDrafts(files, outbox)
        self.files: Files = files
        self.drafts: Drafts = drafts
        self.codes: Codes = FakeCodes(outbox)
        self.submissions: Submissions = FakeSubmissions(queue, outbox, numbers, files, drafts)
        self.alerts: Alerts = FakeAlerts(queue)
        self.digests: DigestLog = FakeDigests(queue)
        self.books: Bookkeeping = FakeBooks()
        self.counters: Counters = FakeCounters()
        self.down = False

    def ping(self) -> None:
        if self.down:
            raise TransientError("basis data tidak menjawab")


# Redmine --------------------------------------------------------------------------------------------------------

CONNECTOR = Actor(id=1, name="Konektor", connector=True)


@dataclass
class FakeRedmine:
    """`connector.ports.Redmine` in memory; `down` makes Redmine not answer."""

    clock: Callable[[], dt.datetime]
    people: dict[tuple[str, str], tuple[Member, ...]] = field(default_factory=dict)
    issues: dict[int, Snapshot] = field(default_factory=dict)
    attachments: dict[int, bytes] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)
    uploads: dict[str, tuple[Uploaded, bytes]] = field(default_factory=dict)
    down: bool = False
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(41))

    def _awake(self) -> None:
        if self.down:
            raise TransientError("Redmine tidak dapat dihubungi")

    def read(self, issue: int) -> Snapshot | None:
        self._awake()
        return self.issues.get(issue)

    def read_ticket(self, number: str) -> Snapshot | None:
        self._awake()
        return next(
            (each for each in self.issues.values() if each.state and each.state.number == number), None
        )

    def create(self, new: NewIssue) -> Snapshot:
        self._awake()
        for each in self.issues.values():
            if each.state and each.state.submission == new.submission:
                return each
            if each.state and each.state.number == new.state.number:
                raise NumberTakenError("nomor sudah dipakai")
        issue = next(self.ids)
        blank = Snapshot(
            issue=issue,
            procedure=new.procedure.key,
            project=f"project:{new.procedure.profile}",
            status="",
            subject=new.subject,
            description=new.description,
            author=CONNECTOR,
            created=self.clock(),
        )
        return self._write(blank, CONNECTOR, new.change, new.state)

    def commit(self, before: Snapshot, change: IssueChange, state: TicketState) -> Snapshot:
        self._awake()
        now = self.issues[before.issue]
        if (now.last_journal, now.version) != (before.last_journal, before.version):
            raise ConflictError("tiket berubah sejak dibaca")
        return self._write(now, CONNECTOR, change, state)

    def _write(self, before: Snapshot, by: Actor, change: IssueChange, state: TicketState | None) -> Snapshot:
        moved = change.status is not None and change.status != before.status
        changes = [Change(what="status", old=before.status, new=change.status)] if moved else []
        changes += [
            Change(what=key, old=before.fields.get(key, ""), new=value)
            for key, value in change.fields.items()
            if before.fields.get(key, "") != value
        ]
        files = {key: self._attach(file) for key, file in change.files.items()}
        more = tuple(self._attach(file) for file in change.attachments)
        for key, file in files.items():
            old = before.files.get(key)
            changes.append(Change(what=key, old=str(old.id) if old else "", new=str(file.id)))
        journal = Journal(
            id=before.last_journal + 1,
            at=self.clock(),
            by=by,
            notes=change.notes or "",
            private=change.private_notes,
            changes=tuple(changes),
        )
        fields = {**before.fields, **change.fields}
        update: dict[str, object] = {
            "status": change.status or before.status,
            "procedure": _procedure(change.tracker) if change.tracker else before.procedure,
            "fields": {key: value for key, value in fields.items() if value},
            "files": {**before.files, **files},
            "attachments": (*before.attachments, *more),
            "journals": (*before.journals, journal),
            "last_journal": journal.id,
        }
        if change.assign_group:
            role = change.assign_group.rpartition(":")[2]
            update["assignee"] = Assignee(id=50, name=role, is_group=True, roles=frozenset({role}))
        if change.clear_assignee:
            update["assignee"] = None
        if change.due_date is not None or change.clear_due_date:
            update["due_date"] = change.due_date
        if change.done_ratio is not None:
            update["done_ratio"] = change.done_ratio
        if state is not None:
            update |= {"state": state, "cursor": journal.id, "version": before.version + 1}
        self.issues[before.issue] = before.model_copy(update=update)
        return self.issues[before.issue]

    def _attach(self, file: Uploaded) -> StoredFile:
        _, content = self.uploads[file.token]
        ref = next(self.ids)
        self.attachments[ref] = content
        digest = hashlib.sha256(content).hexdigest()
        return StoredFile(
            id=ref,
            name=file.filename,
            size=len(content),
            content_type=file.content_type,
            digest=digest,
            author=1,
        )

    def staff(self, issue: int, role: str, change: IssueChange) -> None:
        """Somebody with a role changes an issue in Redmine."""
        by = Actor(id=7, name=f"Petugas {role}", roles=frozenset({role}))
        self._write(self.issues[issue], by, change, None)

    def upload(self, filename: str, content_type: str, content: bytes | Content) -> Uploaded:
        self._awake()
        made = Uploaded(f"token-{next(self.ids)}", filename, content_type)
        self.uploads[made.token] = (made, content if isinstance(content, bytes) else content.read())
        return made

    def download(self, attachment: int) -> bytes:
        self._awake()
        if attachment not in self.attachments:
            raise NotFoundError("lampiran tidak ada")
        return self.attachments[attachment]

    def changes(self, after_issue: int, after_journal: int) -> FeedPage:
        self._awake()
        return FeedPage(
            tuple(i for i in self.issues if i > after_issue), (), max(self.issues, default=0), 0, False
        )

    def states(self, *, open_only: bool) -> Iterable[StateRow]:
        self._awake()
        rows = [_row(each, each.state) for _, each in sorted(self.issues.items()) if each.state]
        return [row for row in rows if not (open_only and row.closed)]

    def recent_states(self, closed_since: dt.datetime) -> Iterable[StateRow]:
        rows = self.states(open_only=False)
        return [row for row in rows if row.state.ended_at is None or row.state.ended_at >= closed_since]

    def highest_number(self, prefix: str) -> str | None:
        self._awake()
        return None

    def members(self, profile: str, role: str) -> Sequence[Member]:
        self._awake()
        return self.people.get((profile, role), ())

    def object_id(self, key: str) -> int | None:
        self._awake()
        return self.objects.get(key)


def _row(snapshot: Snapshot, state: TicketState) -> StateRow:
    return StateRow(
        issue=snapshot.issue,
        closed=state.ended is not None,
        last_journal=snapshot.last_journal,
        cursor=snapshot.cursor,
        number=state.number,
        submission=state.submission,
        state=state,
        status=snapshot.status,
        subject=snapshot.subject,
        assignee=snapshot.assignee,
    )


def _procedure(tracker: str) -> str:
    """`tracker:unj:layanan` -> `unj/layanan`."""
    _, profile, ref = tracker.split(":")
    return f"{profile}/{ref}"


@dataclass
class FakeClock:
    """The time, as a test says it."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += dt.timedelta(**delta)
