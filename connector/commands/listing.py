"""A procedure as data for programs, and as a table for people."""

from __future__ import annotations

from typing import Any

from connector.sop.model import Basis, Catalogue, Limit, Need, Outcome, Procedure, RoleKind, Step

MARKS = {Basis.STATED: "", Basis.INFERRED: "~", Basis.MISSING: "?"}
LEGEND = "~ dibaca dari uraian naskah   ? tidak ada dalam naskah"


def described(procedure: Procedure, catalogue: Catalogue) -> dict[str, Any]:
    """The contract of `connector procedures --format json` (DESIGN); more keys may come, none will go."""
    form = procedure.form
    return {
        "profile": procedure.profile,
        "id": procedure.id,
        "code": procedure.code,
        "title": procedure.title,
        "tracker": procedure.tracker,
        "form": {"code": form.code, "fields": list(form.fields)} if form else None,
        "roles": _roles(procedure, catalogue),
        "fields": [
            {
                "id": field.id,
                "name": field.name,
                "type": field.type.value,
                "choices": list(field.choices),
                "required": field.required,
                "personal": field.personal,
            }
            for field in procedure.fields
        ],
        "ends": {end.id: end.status for end in procedure.ends},
        "steps": [_step(step) for step in procedure.steps],
        "intake": procedure.intake,
        "waiting": procedure.waiting.model_dump(mode="json"),
        "withdrawn": procedure.withdrawn,
        "registrars": list(procedure.registrars),
        "on_behalf": list(procedure.on_behalf),
        "end_needs": {end.id: [need.field for need in end.needs] for end in procedure.ends},
        "version": procedure.version,
    }


def _roles(procedure: Procedure, catalogue: Catalogue) -> list[str]:
    """Everybody who acts in the procedure or may override it, in the order in which they come up."""
    organization = catalogue.organization(procedure.profile)
    free = [role.id for role in organization.roles if role.kind is RoleKind.OVERRIDE] if organization else []
    acting = [role for step in procedure.steps for role in step.roles]
    return list(dict.fromkeys([*acting, *procedure.registrars, *procedure.on_behalf, *free]))


def _step(step: Step) -> dict[str, Any]:
    return {
        "no": step.no,
        "id": step.id,
        "kind": step.kind.value,
        "title": step.title,
        "status": step.status,
        "roles": list(step.roles),
        # the time in the source's table; for a duty it is how often it comes round
        "limit": _limit(step.limit or step.every),
        "limit_by": {
            "field": step.limit_by.field,
            "limits": {choice: _limit(limit) for choice, limit in step.limit_by.limits.items()},
        }
        if step.limit_by
        else None,
        "limit_again": step.limit_again.value,
        "every": _limit(step.every),
        "needs": [need.field for need in step.needs],
        "outputs": [
            {"id": output.id, "kind": output.kind.value, "after": list(output.after)}
            for output in step.outputs
        ],
        "outcomes": {name: outcome.to for name, outcome in step.outcomes.items()},
        "basis": step.basis.model_dump(mode="json"),
        "needs_when": {need.field: dict(need.when) for need in step.needs if need.when},
        "labels": {name: outcome.label for name, outcome in step.outcomes.items()},
        "assignee_by": step.assignee_by.model_dump(mode="json") if step.assignee_by else None,
    }


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    return {"amount": limit.amount, "unit": limit.unit.value} if limit else None


def table(procedure: Procedure) -> str:
    """The procedure for a person who compares it with the POS on paper."""
    head = f"{procedure.key}: {procedure.title} ({procedure.code}), tracker «{procedure.tracker}»"
    lines = [head, "-" * min(len(head), 100)]
    for step in procedure.steps:
        lines += _step_lines(step)
    ends = ", ".join(f"{end.id} («{end.status}»)" for end in procedure.ends)
    lines += [f"Akhir: {ends}"]
    if any(MARKS[basis] for step in procedure.steps for basis in _bases(step)):
        lines.append(LEGEND)
    return "\n".join(lines)


def _bases(step: Step) -> tuple[Basis, ...]:
    return step.basis.role, step.basis.limit, step.basis.outcomes


def _step_lines(step: Step) -> list[str]:
    role, limit, outcomes = (MARKS[basis] for basis in _bases(step))
    lines = [f"{step.no:>4}. {step.title}" + (f" [{step.status}]" if step.status else "")]
    facts = [
        ("Pelaksana", ", ".join(step.roles), role),
        ("Waktu", _time(step), limit),
        ("Kelengkapan", ", ".join(map(_need, step.needs)), ""),
        ("Keluaran", ", ".join(output.id for output in step.outputs), ""),
        ("Hasil", ", ".join(_way(name, outcome) for name, outcome in step.outcomes.items()), outcomes),
    ]
    return lines + [f"      {name:<11} {text} {mark}".rstrip() for name, text, mark in facts if text]


def _time(step: Step) -> str:
    if step.limit_by:
        return f"menurut {step.limit_by.field}: " + ", ".join(
            f"{choice} {limit}" for choice, limit in step.limit_by.limits.items()
        )
    if step.every:
        return f"setiap {step.every}"
    return str(step.limit) if step.limit else ""


def _need(need: Need) -> str:
    conditions = " dan ".join(f"{field} = {value}" for field, value in need.when.items())
    return f"{need.field} (bila {conditions})" if conditions else need.field


def _way(name: str, outcome: Outcome) -> str:
    return f"{name} → {outcome.to}"
