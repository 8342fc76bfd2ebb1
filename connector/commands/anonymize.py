"""The command that overwrites personal data of tickets that have ended."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from connector.bootstrap import Application
from connector.commands.common import FINDING, examples, format_option, settings
from connector.privacy.service import ON_REQUEST, Outcome
from connector.settings import PROVISION

#: How the counts are called.
WORDS = {"fields": "isian", "files": "berkas", "history": "baris riwayat", "texts": "teks"}


@click.command(
    epilog=examples(
        "connector anonymize",
        "connector anonymize --apply",
        'connector anonymize --issue 42 --reason "surat 12/PPID/2026" --apply',
    )
)
@click.option("--issue", type=int, metavar="TIKET", help="Hanya tiket ini, tanpa menunggu masa simpannya.")
@click.option(
    "--reason", help="Dasar permintaan yang dikabulkan; dicatat pada tiket, jadi tanpa data pribadi."
)
@click.option("--apply", is_flag=True, help="Kerjakan; tanpa ini hanya ditampilkan.")
@format_option
def anonymize(issue: int | None, reason: str | None, apply: bool, form: str) -> None:
    """Timpa data pribadi tiket yang sudah berakhir, juga dalam riwayatnya di Redmine.

    Tanpa --apply tidak ada yang diubah. Tanpa --issue yang dikerjakan adalah tiket yang masa simpannya lewat
    (privacy.anonymize_after pada organization.yaml). Nomor, langkah, dan waktu tetap; yang ditimpa tidak dapat
    dikembalikan.

    Perlu SOP_REDMINE_URL, SOP_REDMINE_ADMIN_KEY, dan basis data konektor (SOP_DATABASE_URL).
    """
    if (issue is None) != (not (reason or "").strip()):
        raise click.UsageError("--issue dan --reason ditulis bersama")
    application = Application(settings(*PROVISION))
    anonymizer = application.anonymizer
    if issue is None:
        outcomes: Iterable[Outcome] = anonymizer.every(apply=apply)
    else:
        note = ON_REQUEST.format(reason=" ".join((reason or "").split()))
        outcomes = (anonymizer.one(issue, note, apply=apply),)
    told = list(_told(outcomes, form))
    if form == "json":
        click.echo(json.dumps({"applied": apply, "tickets": told}, ensure_ascii=False, indent=2))
    else:
        kept = any(each.organization.privacy is not None for each in application.rules.values())
        click.echo(_sum(told, apply=apply, kept=kept or issue is not None))
    if any(each["problem"] for each in told):
        raise SystemExit(FINDING)


def _told(outcomes: Iterable[Outcome], form: str) -> Iterable[dict[str, object]]:
    """Each as it comes: of many tickets somebody wants to see how far it is."""
    for each in outcomes:
        if form == "text":
            counts = ", ".join(f"{count} {WORDS[name]}" for name, count in each.counts.items() if count)
            others = f"; {each.others} lampiran lain tetap, periksa sendiri" if each.others else ""
            said = each.problem or f"{counts or 'tidak ada lagi'}{others}"
            click.echo(f"{each.number}  #{each.issue}  {said}")
        yield {
            "ticket": each.number,
            "issue": each.issue,
            "procedure": each.procedure,
            "ended": each.ended.isoformat(),
            **each.counts,
            "others": each.others,
            "problem": each.problem,
        }


def _sum(told: list[dict[str, object]], *, apply: bool, kept: bool) -> str:
    if not kept:
        return "Tidak ada masa simpan: privacy.anonymize_after belum ditulis pada organization.yaml."
    if not told:
        return "Tidak ada tiket yang masa simpannya lewat."
    good = sum(not each["problem"] for each in told)
    done = f"{good} tiket dianonimkan." if apply else f"{good} tiket; tidak ada yang diubah tanpa --apply."
    return done if good == len(told) else f"{done} {len(told) - good} tidak dapat."
