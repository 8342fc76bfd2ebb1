"""Checks of what is on this side: mappings, database, worker, mail, documents, calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from connector.calendars import free_days, work_calendar
from connector.doctor.report import Check, Remark, note
from connector.doctor.subject import Subject
from connector.documents.builders import document_data
from connector.documents.samples import sample_order
from connector.engine.calendar import WorkCalendar
from connector.engine.words import instant_words
from connector.errors import DocumentError, PermanentError, SettingsError
from connector.sop.loader import load
from connector.sop.model import CalendarDef
from connector.supervision.service import standings

#: A worker says every 15 seconds that it is alive.
SILENT = dt.timedelta(seconds=60)
#: From this month and day on the decree of the next year's cuti bersama ought to be known.
DECREED = (11, 1)
#: Tickets whose time has come are looked for every 15 seconds.
ASLEEP = dt.timedelta(minutes=5)
#: Of many dead jobs so many are named.
NAMED = 5


def _mappings(subject: Subject) -> Iterator[Remark]:
    settings = subject.parts.settings
    templates = {path.stem for path in (settings.templates_dir / "documents").glob("*.typ")}
    load(settings.mappings_dir, settings.profiles, templates)
    yield from ()


def _database(subject: Subject) -> Iterator[Remark]:
    store = subject.parts.store
    store.ping()
    if not store.migrated():
        raise PermanentError("tabelnya belum dibuat, atau dari versi lama")
    store.try_writing()
    if not store.books.ready():
        yield Remark(
            "nomor tiket belum dibaca dari Redmine, jadi formulir belum menerima permohonan",
            "jalankan connector run (atau web dan worker), atau connector rebuild",
        )


def _worker(subject: Subject) -> Iterator[Remark]:
    last = subject.parts.store.books.last_beat()
    todo = "jalankan connector run, atau connector worker; bila sudah, lihat lognya"
    if last is None:
        yield Remark("belum pernah ada pekerja yang hidup", todo)
        return
    silent = subject.parts.clock() - last
    if silent > SILENT:
        yield Remark(f"tidak ada pekerja yang hidup sejak {last:%Y-%m-%d %H:%M:%S}Z", todo)


def _wakes(subject: Subject) -> Iterator[Remark]:
    late = subject.parts.store.clocks.due(now=subject.parts.clock() - ASLEEP)
    if late:
        yield Remark(
            f"{len(late)} tiket sudah waktunya dilihat dan belum dilihat: batas waktunya lewat tanpa peringatan",
            "periksa pekerja (connector run, atau connector worker) dan lognya",
        )


def _dead(subject: Subject) -> Iterator[Remark]:
    dead = subject.parts.store.queue.dead()
    if dead:
        keys = ", ".join(job.key for job in dead[:NAMED]) + (", …" if len(dead) > NAMED else "")
        yield Remark(
            f"{len(dead)} pekerjaan berhenti dicoba: {keys}",
            "connector dead list menyebut sebabnya; sesudah diperbaiki connector dead retry KUNCI",
        )


def _digests(subject: Subject) -> Iterator[Remark]:
    parts = subject.parts
    for each in standings(parts.offices, parts.store, parts.clock()):
        if each.missing:
            office = parts.offices[each.profile]
            zone = office.timetable.calendar.zone
            last = f"; yang terakhir {instant_words(each.last, zone)}" if each.last else ""
            yield Remark(
                f"{office.organization.short_name}: {each.missing} rekap belum terkirim karena "
                f"{'; '.join(each.reasons)}{last}",
                "sesudah sebabnya beres: connector digest; selewat hari itu rekap berikutnya yang menyebutnya",
            )


def _units(subject: Subject) -> Iterator[Remark]:
    """Heads of units whose address is still the example's."""
    for organization in subject.parts.catalogue.organizations:
        named = [unit.name for unit in organization.units if any(map(_is_example, unit.heads))]
        if named:
            yield note(
                f"{organization.short_name}: alamat dinas pimpinan unit masih contoh ({', '.join(named)}), jadi tidak "
                "seorang pun dapat memutuskan sebagai pimpinan unit itu",
                f"tulis alamat yang sebenarnya pada units di {organization.id}/organization.yaml",
            )


def _is_example(address: str) -> bool:
    return address.endswith(".invalid")  # RFC 2606: nobody's, for ever


def _mail(subject: Subject) -> Iterator[Remark]:
    subject.parts.sender.try_out()
    yield from ()


def _antivirus(subject: Subject) -> Iterator[Remark]:
    if subject.parts.scanner is not None:
        subject.parts.scanner.try_out()
    yield from ()


def _documents(subject: Subject) -> Iterator[Remark]:
    """Each document of each procedure, of a made-up ticket; of those with one fault only the first."""
    parts, now = subject.parts, subject.parts.clock()
    parts.renderer.try_out(now=now)
    told: set[str] = set()
    calendars: dict[str, WorkCalendar] = {}
    for procedure in parts.catalogue.procedures:
        organization = parts.catalogue.organization(procedure.profile)
        if organization is None:
            continue
        if organization.id not in calendars:
            calendars[organization.id] = work_calendar(organization.calendar)
        for document in procedure.documents:
            order = sample_order(procedure, organization, calendars[organization.id], document, now)
            try:
                parts.renderer.render(order.template, document_data(order), now=now)
            except DocumentError as error:
                if str(error) not in told:
                    told.add(str(error))
                    todo = f"perbaiki, lalu connector preview {document.id} --procedure {procedure.key}"
                    yield Remark(f"dokumen {document.id} ({procedure.key}): {error}", todo)


def _certificate(subject: Subject) -> Iterator[Remark]:
    try:
        found = subject.parts.certificate
    except SettingsError as error:
        # the service does not start with it either; the doctor still says what else there is
        yield Remark(str(error), "perbaiki, lalu jalankan kembali konektor")
        return
    wrong = found.validity(subject.parts.clock()) if found is not None else ""
    if wrong:
        todo = "minta sertifikat baru, ganti berkas SOP_SIGN_PKCS12_FILE, lalu jalankan kembali konektor"
        yield Remark(f"{wrong}; tanpa sertifikat yang berlaku tidak ada dokumen yang terbit", todo)


def _calendar(subject: Subject) -> Iterator[Remark]:
    """This year's free days and the next one's; what is the same for several organizations is said once."""
    organizations = subject.parts.catalogue.organizations
    concerned: dict[Remark, list[str]] = {}
    for each in organizations:
        today = subject.parts.clock().astimezone(ZoneInfo(each.calendar.timezone)).date()
        for year in (today.year, today.year + 1):
            for remark in _free_days(each.calendar, year, today):
                concerned.setdefault(remark, []).append(each.id)
    for remark, names in concerned.items():
        whose = "" if len(names) == len(organizations) else f" ({', '.join(names)})"
        yield replace(remark, text=remark.text + whose)


def _free_days(calendar: CalendarDef, year: int, today: dt.date) -> Iterator[Remark]:
    known = free_days(calendar, year)
    todo = "tulis di calendar.decrees pada organization.yaml, lalu connector lint"
    if calendar.national_holidays and not known.public:
        yield Remark(f"libur nasional {year} tidak diketahui versi ini", f"perbarui konektor, atau {todo}")
    elif calendar.cuti_bersama and known.collective is None:
        text = f"cuti bersama {year} belum diketahui"
        if today >= dt.date(year - 1, *DECREED):
            yield Remark(text, f"cari SKB-nya; perbarui konektor, atau {todo}")
        else:
            yield note(text, f"begitu SKB terbit perbarui konektor, atau {todo}")
    names = dict.fromkeys(name for day, name in known.estimated if day >= today)
    if calendar.national_holidays and names:
        text = f"tanggal {year} masih perkiraan: {', '.join(names)}"
        yield note(text, f"cocokkan dengan SKB; bila berbeda {todo}")


LOCAL: tuple[Check[Subject], ...] = (
    Check("mappings", "Pemetaan", _mappings, "perbaiki berkasnya; connector lint menyebut semuanya"),
    Check(
        "database",
        "Basis data",
        _database,
        "periksa SOP_DATABASE_URL dan izin berkasnya; connector run, web, dan worker membuat tabelnya",
    ),
    Check("worker", "Pekerja", _worker, "periksa basis data", ("database",)),
    Check("wakes", "Jam SLA", _wakes, "periksa basis data", ("database",)),
    Check("dead", "Pekerjaan mati", _dead, "periksa basis data", ("database",)),
    Check("digests", "Rekap pengawas", _digests, "periksa basis data", ("mappings", "database")),
    Check("units", "Daftar unit", _units, "perbaiki units di organization.yaml", ("mappings",)),
    Check(
        "mail",
        "Server surat",
        _mail,
        "periksa SOP_SMTP_URL (alamat, porta, TLS, kata sandi) dan server surat",
    ),
    Check(
        "antivirus",
        "Pemeriksa virus",
        _antivirus,
        "periksa SOP_CLAMD_URL dan clamd; sampai ia menjawab, permohonan dengan berkas tersimpan dan menunggu",
    ),
    Check(
        "documents",
        "Dokumen PDF",
        _documents,
        "pasang kembali konektor; fon ada di templates/documents/fonts (SOP_TEMPLATES_DIR)",
    ),
    Check("certificate", "Sertifikat tanda tangan", _certificate, "perbarui sertifikatnya"),
    Check("calendar", "Kalender", _calendar, "pasang kembali konektor", ("mappings",)),
)
