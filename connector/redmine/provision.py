"""Bring Redmine to a blueprint, with an administrator's key; only while `plan` or `apply` runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from connector.errors import PermanentError, SettingsError, TransientError

SECONDS = 300

#: Kinds in the order in which a person wants to read them, and what they are called.
KINDS = {
    "setting": "Pengaturan",
    "project": "Proyek",
    "tracker": "Tracker",
    "status": "Status",
    "role": "Peran",
    "group": "Grup",
    "member": "Anggota proyek",
    "field": "Isian",
    "transition": "Perpindahan status",
    "rule": "Aturan isian",
    "query": "Kueri",
}
ACTIONS = {
    "create": ("+", "dibuat"),
    "update": ("~", "diubah"),
    "adopt": ("=", "diambil alih"),
    "retire": ("-", "dipensiunkan"),
    "delete": ("-", "dihapus"),
}
#: Of these there are thousands; of more than a few new ones a list only says how many.
BULKY = ("transition", "rule")
FEW = 20
#: The plugin's attributes, as an administrator knows them from Redmine's forms.
LABELS = {
    "name": "nama",
    "description": "keterangan",
    "is_closed": "tertutup",
    "permissions": "izin",
    "issues_visibility": "tiket yang terlihat",
    "assignable": "dapat ditugasi",
    "possible_values": "pilihan",
    "multiple": "boleh lebih dari satu",
    "is_filter": "dapat disaring",
    "searchable": "dapat dicari",
    "regexp": "pola",
    "min_length": "panjang terpendek",
    "max_length": "panjang terpanjang",
    "extensions_allowed": "jenis berkas",
    "is_required": "wajib di mana-mana",
    "is_for_all": "untuk semua proyek",
    "editable": "dapat diubah",
    "visible": "terlihat semua peran",
    "visible_to": "terlihat oleh",
    "trackers": "tracker",
    "projects": "proyek",
    "default_status": "status awal",
    "disabled_core_fields": "isian bawaan yang mati",
    "identifier": "pengenal",
    "modules": "modul",
    "is_public": "terbuka untuk umum",
    "roles": "peran",
    "project": "proyek",
    "filters": "saringan",
    "columns": "kolom",
    "sort": "urutan",
    "group_by": "kelompok menurut",
    "visibility": "terlihat",
    "value": "nilai",
}
WIDTH = 100


@dataclass(frozen=True)
class Outcome:
    """What a plan or an apply found."""

    applied: bool
    changes: tuple[dict[str, Any], ...]
    refused: tuple[dict[str, Any], ...]
    keys: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "applied": self.applied,
            "counts": {action: _count(self.changes, action) for action in ACTIONS},
            "changes": list(self.changes),
            "refused": list(self.refused),
        }


class Provisioner:
    """The plugin's blueprint call.

    Args:
        url: Redmine as the connector reaches it.
        key: an administrator's API key.
        profiles: the organizations that the blueprints are of; others are left alone. Empty: all.
    """

    def __init__(self, url: str, key: str, profiles: Sequence[str] = ()) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._profiles = list(profiles) or None

    def plan(self, blueprint: dict[str, Any], adopt: Sequence[str] = ()) -> Outcome:
        """What an apply would do; nothing is changed."""
        return self._post(blueprint, adopt, apply=False)

    def apply(self, blueprint: dict[str, Any], adopt: Sequence[str] = ()) -> Outcome:
        """Do it, all or nothing."""
        return self._post(blueprint, adopt, apply=True)

    def _post(self, blueprint: dict[str, Any], adopt: Sequence[str], *, apply: bool) -> Outcome:
        try:
            response = requests.post(
                f"{self._url}/sop/blueprint.json",
                json={
                    "apply": apply,
                    "adopt": list(adopt),
                    "profiles": self._profiles,
                    "blueprint": blueprint,
                },
                headers={"X-Redmine-API-Key": self._key},
                timeout=SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TransientError(
                f"Redmine di {self._url} tidak dapat dihubungi ({type(error).__name__}); periksa SOP_REDMINE_URL"
            ) from error
        if response.status_code == 200:
            body = response.json()
            return Outcome(body["applied"], tuple(body["changes"]), tuple(body["refused"]), body["keys"])
        raise _error(response)


def _error(response: requests.Response) -> Exception:
    code = response.status_code
    if code in (401, 403):
        return SettingsError("SOP_REDMINE_ADMIN_KEY ditolak Redmine; pakai kunci API seorang administrator")
    if code == 404:
        return PermanentError(
            "plugin redmine_sop belum dipasang di Redmine ini, atau Redmine belum dimulai ulang"
        )
    if code in (301, 302, 307, 308):
        target = response.headers.get("Location", "")
        return PermanentError(f"Redmine mengalihkan ke {target}; perbaiki SOP_REDMINE_URL")
    try:
        reasons = "; ".join(response.json()["errors"])
    except (ValueError, KeyError, TypeError):
        reasons = ""
    if code == 429 or code >= 500:
        return TransientError(f"Redmine menjawab {code} {reasons}".strip())
    return PermanentError(f"Redmine menolak cetak biru ({code}): {reasons}")


def render(outcome: Outcome) -> str:
    """The changes as a list that a person reads from top to bottom."""
    if outcome.refused:
        lines = ["Tidak ada yang diubah. Objek berikut sudah ada di Redmine dan bukan milik kami:", ""]
        lines += [
            f"  ! {KINDS.get(each['kind'], each['kind'])} «{each['name']}»: {each['reason']}"
            for each in outcome.refused
        ]
        keys = " ".join(f"--adopt {each['key']}" for each in outcome.refused if each["key"])
        return "\n".join([*lines, "", f"Ganti namanya, atau ambil alih: connector apply {keys}"])
    if not outcome.changes:
        return "Redmine sudah sesuai dengan pemetaan. Tidak ada perubahan."
    lines = []
    for kind in [*KINDS, *sorted({each["kind"] for each in outcome.changes} - set(KINDS))]:
        mine = [each for each in outcome.changes if each["kind"] == kind]
        if mine:
            lines += [f"{KINDS.get(kind, kind)} ({len(mine)})", *_listed(kind, mine), ""]
    verb = "Diterapkan" if outcome.applied else "Akan diterapkan"
    return "\n".join([*lines, f"{verb}: {_counts(outcome.changes)}."])


def _listed(kind: str, changes: list[dict[str, Any]]) -> list[str]:
    lines = []
    shown = changes
    made = [each for each in changes if each["action"] == "create"]
    if kind in BULKY and len(made) > FEW:
        shown = [each for each in changes if each["action"] != "create"]
        lines.append(f"  + {len(made)} baris baru")
    for each in shown:
        sign, _ = ACTIONS[each["action"]]
        lines.append(f"  {sign} {each['name']}")
        if each["action"] in ("update", "adopt") or kind in (*BULKY, "member"):
            lines += [
                f"      {LABELS.get(name, name)}: {_difference(old, new)}"
                for name, (old, new) in (each["changes"] or {}).items()
            ]
    return lines


def _difference(old: Any, new: Any) -> str:
    """Of lists what comes and what goes, of anything else both values."""
    if isinstance(old, list) and isinstance(new, list):
        came, went = [each for each in new if each not in old], [each for each in old if each not in new]
        parts = [f"+ {_short(came)}"] if came else []
        parts += [f"- {_short(went)}"] if went else []
        if parts:
            return "; ".join(parts)
    return f"{_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
    text = " ".join(text.split()) or "(kosong)"
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _counts(changes: Sequence[dict[str, Any]]) -> str:
    found = {action: _count(changes, action) for action in ACTIONS}
    return ", ".join(f"{count} {ACTIONS[action][1]}" for action, count in found.items() if count)


def _count(changes: Sequence[dict[str, Any]], action: str) -> int:
    return sum(1 for each in changes if each["action"] == action)
