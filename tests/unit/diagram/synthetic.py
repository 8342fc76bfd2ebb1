"""Procedures of any shape, larger and stranger than real ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from connector.sop.model import Organization, Procedure
from tests.small import ORGANIZATION

WORDS = st.text(alphabet="abcdefghij <&>\"'—Ω漢", min_size=1, max_size=40).filter(str.strip)
NAMES = st.sampled_from(
    ["ya", "tidak", "dikerjakan-ulang", "dikembalikan-kepada-pemohon-untuk-dilengkapi", "x" * 60]
)
ROLES = 10


def organization(count: int) -> Organization:
    """One with so many roles; the first is the requester."""
    roles = [
        {
            "id": f"peran-{i}",
            "title": f"Kepala Divisi Pelayanan dan Infrastruktur {i}",
            "name": f"Peran {i}",
            "kind": "staff" if i else "requester",
        }
        for i in range(count)
    ]
    return Organization.model_validate({**ORGANIZATION.model_dump(), "roles": roles})


@st.composite
def procedures(draw: st.DrawFn, most: int = 31) -> tuple[Procedure, Organization]:
    """A procedure whose targets are right; whether it makes sense is another matter."""
    count = draw(st.integers(1, ROLES))
    roles = [f"peran-{i}" for i in range(count)]
    before, active = draw(st.integers(0, 3)), draw(st.integers(1, most))
    ids = [f"langkah-{i}" for i in range(before + active)]
    ends = [f"akhir-{i}" for i in range(draw(st.integers(1, 4)))]
    steps: list[dict[str, Any]] = []
    for i, name in enumerate(ids):
        steps.append(draw(_step(i, name, ids, ends, roles, before)))
        if i >= before and draw(st.integers(0, 9)) == 0:
            steps.append(draw(_aside(len(steps), roles)))
    return _procedure(draw, steps, ends), organization(count)


def _procedure(draw: st.DrawFn, steps: list[dict[str, Any]], ends: list[str]) -> Procedure:
    numbered = [{**step, "no": str(i + 1)} for i, step in enumerate(steps)]
    fields = [
        {"id": f"isian-{i}", "name": f"Isian yang panjang {i}", "label": "Isian", "type": "text"}
        for i in range(12)
    ]
    return Procedure.model_validate(
        {
            "id": "sintetis",
            "profile": "uji",
            "code": "POS",
            "title": draw(WORDS),
            "tracker": "Sintetis",
            "summary": "Untuk pengujian.",
            "header": {"number": "1/UJI", "effective": "2026-05-09"},
            "registrars": draw(st.sampled_from([[], ["peran-0"]])),
            "withdrawn": draw(st.sampled_from([None, ends[-1]])),
            "requesters": ["peran-0"],
            "fields": fields,
            "steps": numbered,
            "ends": [
                {"id": end, "status": f"Berakhir dengan cara {i}", "title": "Akhir", "success": i == 0}
                for i, end in enumerate(ends)
            ],
        }
    )


@st.composite
def _step(
    draw: st.DrawFn, i: int, name: str, ids: list[str], ends: list[str], roles: list[str], before: int
) -> dict[str, Any]:
    step: dict[str, Any] = {
        "id": name,
        "title": draw(WORDS),
        "roles": draw(st.lists(st.sampled_from(roles), min_size=1, max_size=3, unique=True)),
    }
    if i < before:
        kind = draw(st.sampled_from(["step", "milestone"]))
        return {**step, "kind": kind, "roles": step["roles"] if kind == "step" else []}
    others = [each for each in (*ids, *ends) if each != name]
    targets = draw(st.lists(st.sampled_from(others), min_size=1, max_size=4, unique=True))
    following = ids[i + 1] if i + 1 < len(ids) else ends[0]
    if draw(st.booleans()) and following not in targets:
        targets[0] = following
    outcomes = {f"{draw(NAMES)}"[:55] + f"-{k}": {"to": to} for k, to in enumerate(targets)}
    outputs = draw(st.lists(st.integers(0, 11), max_size=10, unique=True))
    return {
        **step,
        "status": f"Status {i}",
        "outcomes": outcomes,
        "limit": "1 hari kerja",
        "outputs": [f"isian-{k}" for k in outputs],
        "description": draw(st.sampled_from(["", "Periksa permohonan dan catat hasilnya. " * 3])),
        "basis": {"role": draw(st.sampled_from(["stated", "inferred", "missing"]))},
    }


@st.composite
def _aside(draw: st.DrawFn, i: int, roles: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["duty", "milestone", "step"]))
    acting = draw(st.lists(st.sampled_from(roles), min_size=0 if kind == "milestone" else 1, max_size=1))
    return {"id": f"sisipan-{i}", "kind": kind, "title": "Sisipan", "roles": acting, "limit": "1 minggu"}
