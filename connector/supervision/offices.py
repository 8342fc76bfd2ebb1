"""Organizations that have digests, and the people who get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.engine.progress import Rules
from connector.ports import Member
from connector.sop.model import DigestReader, Digests, Organization
from connector.supervision.digest import Scope
from connector.supervision.slots import Timetable


@dataclass(frozen=True)
class Reader:
    """A person who gets digests, the roles for which he gets them, and what he sees."""

    member: Member
    roles: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True)
class Office:
    """An organization that has digests, with the rules of its procedures."""

    organization: Organization
    digests: Digests
    rulebook: Mapping[str, Rules]
    timetable: Timetable

    @property
    def profile(self) -> str:
        """The organization's id."""
        return self.organization.id

    def readers(self, members: Callable[[str, str], Sequence[Member]]) -> tuple[Reader, ...]:
        """Everybody who gets digests, once, with all that his roles let him see. `members` is Redmine's directory."""
        people: dict[int, Member] = {}
        roles: dict[int, dict[str, None]] = {}
        entries: dict[int, list[DigestReader]] = {}
        for entry in self.digests.readers:
            for role in entry.roles:
                for member in members(self.profile, role):
                    people[member.id] = member
                    roles.setdefault(member.id, {})[role] = None
                    mine = entries.setdefault(member.id, [])
                    mine += [entry] if entry not in mine else []
        return tuple(
            Reader(member, tuple(roles[ref]), Scope(tuple(entries[ref]))) for ref, member in people.items()
        )

    def title(self, role_id: str) -> str:
        """What a role is called."""
        role = self.organization.role(role_id)
        return role.title if role else role_id


def offices(rulebook: Mapping[str, Rules]) -> dict[str, Office]:
    """The organizations that have digests, by id."""
    found: dict[str, Office] = {}
    for rules in rulebook.values():
        organization = rules.organization
        if organization.digests is None or organization.id in found:
            continue
        own = {key: each for key, each in rulebook.items() if each.organization.id == organization.id}
        timetable = Timetable(organization.digests, rules.calendar)
        found[organization.id] = Office(organization, organization.digests, own, timetable)
    return found
