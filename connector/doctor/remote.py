"""Checks of Redmine: that it is there, what it holds, what our user may, and the way back from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from connector import __version__
from connector.doctor.report import Check, Remark, note
from connector.doctor.subject import Subject
from connector.errors import NotFoundError, PermanentError
from connector.redmine.provision import KINDS
from connector.sop.blueprint import CONNECTOR_LOGIN, blueprint, with_account
from connector.sop.model import RoleKind

OLDEST, NEWEST = (5, 0), (7, 0)
#: What the connector's work needs and no more (the plugin's setup gives exactly these).
PERMISSIONS = frozenset(
    {
        *("view_issues", "add_issues", "edit_issues", "add_issue_notes", "set_notes_private"),
        *("view_private_notes", "use_sop_connector"),
    }
)
#: Redmine 7 asks it of the owner of a webhook.
WEBHOOK_PERMISSION = "use_webhooks"
SETUP = "bundle exec rake redmine:sop:setup di folder Redmine"
APART = dt.timedelta(seconds=60)
SLOW_SECONDS = 1
NAMED = 8
OBJECTS = ("statuses", "roles", "groups", "fields", "trackers", "projects", "queries")


def _redmine(subject: Subject) -> Iterator[Remark]:
    try:
        info = subject.info
    except NotFoundError:
        raise PermanentError("plugin redmine_sop tidak ada di Redmine ini, atau alamatnya salah") from None
    version = tuple(int(part) for part in info["redmine"].split(".")[:2])
    if not OLDEST <= version <= NEWEST:
        yield Remark(
            f"Redmine {info['redmine']} belum didukung (5.0 sampai 7.0)",
            "pakai versi yang didukung, atau perbarui konektor dan plugin",
        )


def _plugin(subject: Subject) -> Iterator[Remark]:
    theirs = subject.info["plugin"]
    if theirs != __version__:
        yield Remark(
            f"plugin versi {theirs}, konektor versi {__version__}",
            "pasang plugin dari paket konektor ini, jalankan rake redmine:plugins:migrate, mulai ulang Redmine",
        )


def _user(subject: Subject) -> Iterator[Remark]:
    user = subject.info["user"]
    if user["login"] != CONNECTOR_LOGIN:
        yield Remark(
            f"SOP_REDMINE_API_KEY milik «{user['login']}», bukan {CONNECTOR_LOGIN}",
            f"pakai kunci yang dicetak {SETUP}",
        )
    if user["admin"]:
        yield Remark(
            "pengguna konektor seorang administrator; ia hanya boleh punya perannya sendiri",
            f"cabut hak administratornya (Administration, Users), atau jalankan {SETUP}",
        )


def _permissions(subject: Subject) -> Iterator[Remark]:
    if subject.info["user"]["admin"]:
        return
    wanted = PERMISSIONS | ({WEBHOOK_PERMISSION} if subject.builtin_webhooks else set())
    for organization in subject.parts.catalogue.organizations:
        held = subject.info["permissions"].get(organization.project_key)
        if held is None:
            continue  # the objects' check says that the project is not there
        where = f"proyek {organization.project.identifier}"
        lacking, excess = sorted(wanted - set(held)), sorted(set(held) - wanted)
        if lacking:
            yield Remark(
                f"{where}: pengguna konektor tidak punya izin {', '.join(lacking)}",
                f"jalankan {SETUP}, lalu connector apply",
            )
        if excess:
            yield Remark(
                f"{where}: pengguna konektor punya izin yang tidak diperlukan: {', '.join(excess)}",
                f"keluarkan {CONNECTOR_LOGIN} dari peran dan grup lain, lalu jalankan {SETUP}",
            )


def _objects(subject: Subject) -> Iterator[Remark]:
    wanted = blueprint(subject.parts.catalogue)
    keys = (entry["key"] for section in OBJECTS for entry in wanted[section])
    missing = sorted(key for key in keys if key not in subject.info["keys"])
    if missing:
        named = ", ".join(missing[:NAMED]) + (", …" if len(missing) > NAMED else "")
        yield Remark(f"{len(missing)} objek belum ada di Redmine: {named}", "jalankan connector apply")


def _drift(subject: Subject) -> Iterator[Remark]:
    provisioner = subject.parts.provisioner
    if provisioner is None:
        yield note(
            "belum dibandingkan dengan pemetaan: itu perlu kunci seorang administrator",
            "isi SOP_REDMINE_ADMIN_KEY hanya untuk perintah ini, atau jalankan connector plan",
        )
        return
    outcome = provisioner.plan(blueprint(subject.parts.catalogue))
    told = [f"{KINDS.get(each['kind'], each['kind'])} «{each['name']}»" for each in outcome.changes]
    if told:
        named = "; ".join(told[:NAMED]) + ("; …" if len(told) > NAMED else "")
        yield Remark(
            f"{len(told)} hal di Redmine menyimpang dari pemetaan: {named}", "connector plan, lalu apply"
        )
    for each in outcome.refused:
        yield Remark(str(each["reason"]), "connector plan menunjukkan pilihannya")


def _roles(subject: Subject) -> Iterator[Remark]:
    """Every role has somebody who can be reached: else warnings of limits go to those who may override."""
    for organization in subject.parts.catalogue.organizations:
        if organization.project_key not in subject.info["projects"]:
            continue
        empty, silent = [], []
        for role in with_account(organization):
            people = subject.parts.redmine.members(organization.id, role.id)
            if not people:
                empty.append(role)
            elif not any(each.mail for each in people):
                silent.append(role)
        reached = [
            role.name
            for role in with_account(organization)
            if role.kind is RoleKind.OVERRIDE and role not in (*empty, *silent)
        ]
        whither = f"sampai kepada {', '.join(reached)}" if reached else "tidak sampai kepada siapa pun"
        for roles, lack, todo in (
            (empty, "tidak ada orang", "masukkan orangnya ke grup bernama sama (Administration, Groups)"),
            (silent, "tidak ada alamat email", "isi alamat email orangnya (Administration, Users)"),
        ):
            if roles:
                named = ", ".join(role.name for role in roles)
                told = f"{organization.short_name}: {lack} pada peran {named}; peringatan batas waktunya {whither}"
                yield Remark(told, todo)


def _attachments(subject: Subject) -> Iterator[Remark]:
    largest = subject.info["attachment_max_size"]
    taken = subject.parts.settings.max_file_mb * 1024
    if largest < taken * 1024:
        yield Remark(
            f"Redmine menerima berkas sampai {largest // 1024} KB, formulir sampai {taken} KB",
            "naikkan «Ukuran maksimal lampiran» (Administration, Settings, Files), atau turunkan SOP_MAX_FILE_MB",
        )
    for procedure in subject.parts.catalogue.procedures:
        for field in procedure.fields:
            if (field.max_mb or 0) * 1024 > taken:
                yield note(
                    f"{procedure.key}: «{field.id}» menerima sampai {taken // 1024} MB saja, bukan {field.max_mb} MB",
                    "naikkan SOP_MAX_FILE_MB, atau turunkan max_mb",
                )


def _clocks(subject: Subject) -> Iterator[Remark]:
    apart = subject.read_at - dt.datetime.fromisoformat(subject.info["now"])
    if abs(apart) > APART:
        ahead = "mendahului" if apart > dt.timedelta(0) else "tertinggal dari"
        yield Remark(
            f"jam mesin ini {ahead} jam Redmine {abs(apart.total_seconds()):.0f} detik; batas waktu ikut bergeser",
            "nyalakan NTP (timedatectl set-ntp true) di kedua mesin",
        )


def _feed(subject: Subject) -> Iterator[Remark]:
    subject.parts.redmine.changes(0, 0)
    yield from ()


def _webhook(subject: Subject) -> Iterator[Remark]:
    """Redmine sends a signed ping to the connector that runs, by its own settings: address and secret are proven."""
    answer = subject.parts.redmine.ping()
    url, code, seconds = answer["url"], answer["status"], answer["seconds"]
    hook = f"{subject.parts.settings.public_url or 'http://ALAMAT-KONEKTOR'}/webhooks/redmine"
    if not url:
        yield note(
            f"Redmine tidak mengirim webhook; perubahan terlihat sesudah {subject.parts.settings.poll_seconds} detik",
            f"SOP_WEBHOOK_URL={hook} {SETUP}",
        )
        return
    if code is None:
        yield Remark(
            f"Redmine tidak dapat menghubungi {url} ({answer['error']})",
            f"jalankan konektor, buka jalan dari mesin Redmine; bila alamatnya salah: SOP_WEBHOOK_URL={hook} {SETUP}",
        )
    elif code == 401:
        yield Remark(
            "konektor menolak tanda tangan Redmine: rahasianya berbeda",
            f"samakan SOP_WEBHOOK_SECRET dengan yang dicetak {SETUP}, lalu mulai ulang konektor",
        )
    elif code != 202:
        yield Remark(
            f"{url} menjawab {code}, bukan 202", "alamat itu bukan konektor, atau ada perantara di depannya"
        )
    elif seconds > SLOW_SECONDS:
        yield Remark(
            f"webhook pulang pergi {seconds:.1f} detik", "periksa beban konektor dan jaringan di antaranya"
        )
    yield from _builtin(answer["builtin"], hook)


def _builtin(hook: dict[str, object] | None, wanted: str) -> Iterator[Remark]:
    if hook is None:
        return
    if not (hook["enabled"] and hook["active"]):
        yield Remark(
            "webhook bawaan Redmine 7 tidak menyala",
            f"SOP_WEBHOOK_URL={wanted} {SETUP}; Redmine menolak alamat lokal (127.0.0.1)",
        )
        return
    yield note(
        "Redmine 7 mengirim webhook sendiri: alamat dan rahasia sudah terbukti, pengirimannya belum",
        "ubah sebuah tiket, lalu lihat «webhook stored» pada log konektor",
    )


NEEDS = ("redmine",)
REMOTE: tuple[Check[Subject], ...] = (
    Check(
        "redmine",
        "Redmine",
        _redmine,
        "periksa SOP_REDMINE_URL dan SOP_REDMINE_API_KEY, dan bahwa Redmine hidup dengan plugin redmine_sop",
        ("mappings",),
    ),
    Check("plugin", "Plugin", _plugin, "pasang plugin dari paket konektor ini", NEEDS),
    Check("user", "Pengguna konektor", _user, f"jalankan {SETUP}", NEEDS),
    Check("permissions", "Izin konektor", _permissions, f"jalankan {SETUP}", NEEDS),
    Check("objects", "Isi Redmine", _objects, "jalankan connector apply", NEEDS),
    Check("drift", "Penyimpangan", _drift, "periksa SOP_REDMINE_ADMIN_KEY", NEEDS),
    Check("roles", "Orang pada peran", _roles, "jalankan connector apply", NEEDS),
    Check("attachments", "Ukuran lampiran", _attachments, "periksa Administration, Settings, Files", NEEDS),
    Check("clocks", "Jam", _clocks, "periksa jam kedua mesin", NEEDS),
    Check("feed", "Catatan perubahan", _feed, f"jalankan {SETUP}, lalu connector apply", NEEDS),
    Check("webhook", "Webhook", _webhook, "pasang plugin dari paket konektor ini", NEEDS),
)
