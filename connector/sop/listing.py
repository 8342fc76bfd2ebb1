"""A procedure as other programs read it: `connector procedures --format json`. Pure."""

from __future__ import annotations

from typing import Any

from connector.sop.model import Limit, Procedure, Step


def listing(procedure: Procedure) -> dict[str, Any]:
    """One procedure, with Redmine's names beside the mapping's ids."""
    return {
        "profile": procedure.profile,
        "id": procedure.id,
        "code": procedure.code,
        "title": procedure.title,
        "tracker": procedure.tracker,
        "intake": procedure.intake,
        "waiting": {"status": procedure.waiting.status, "resumed": procedure.waiting.resumed},
        "version": procedure.version,
        "form": {"code": procedure.form.code, "fields": list(procedure.form.fields)}
        if procedure.form
        else None,
        "roles": _roles(procedure),
        "fields": [
            {"id": field.id, "name": field.name, "type": field.type.value, "choices": list(field.choices)}
            for field in procedure.fields
        ],
        "ends": {end.id: end.status for end in procedure.ends},
        "steps": [_step(step) for step in procedure.steps],
    }


def _roles(procedure: Procedure) -> list[str]:
    named = [role for step in procedure.steps for role in step.roles]
    named += [*procedure.registrars, *procedure.on_behalf]
    tells = [tell for step in procedure.steps for tell in step.tell]
    tells += [tell for step in procedure.steps for outcome in step.outcomes.values() for tell in outcome.tell]
    tells += [tell for end in procedure.ends for tell in end.tell]
    return list(dict.fromkeys([*named, *(role for tell in tells for role in tell.to)]))


def _step(step: Step) -> dict[str, Any]:
    return {
        "no": step.no,
        "id": step.id,
        "kind": step.kind.value,
        "title": step.title,
        "status": step.status,
        "roles": list(step.roles),
        "limit": _limit(step.limit),
        "limit_by": {
            "field": step.limit_by.field,
            "limits": {choice: _limit(limit) for choice, limit in step.limit_by.limits.items()},
        }
        if step.limit_by
        else None,
        "needs": [need.field for need in step.needs],
        "outputs": [{"id": output.id, "kind": output.kind.value} for output in step.outputs],
        "outcomes": {name: outcome.to for name, outcome in step.outcomes.items()},
        "basis": {
            "role": step.basis.role.value,
            "limit": step.basis.limit.value,
            "outcomes": step.basis.outcomes.value,
        },
    }


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    return {"amount": limit.amount, "unit": limit.unit.value} if limit else None
