"""What types cannot say about an organization's digests: that readers can be found, and see something. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from connector.sop.document import Finding, Where, unknown
from connector.sop.model import WEEKDAYS, DigestReader, Digests, Organization


def check_digests(
    organization: Organization, procedures: Collection[str], acting: Collection[str]
) -> Iterator[Finding]:
    """Every finding. `procedures` are the ids of the organization's procedures, `acting` the roles that take a step in
    one of them; empty if they are not all known."""
    digests = organization.digests
    if digests is None:
        return
    yield from _times(organization, digests)
    for i, reader in enumerate(digests.readers):
        at: Where = ("digests", "readers", i)
        yield from ((((*at, *where)), message) for where, message in _roles(organization, reader))
        for j, name in enumerate(reader.procedures):
            if name not in procedures:
                yield (*at, "procedures", j), unknown("POS", name, procedures)
        for j, name in enumerate(reader.units):
            if organization.role(name) is not None and acting and name not in acting:
                yield (*at, "units", j), f"peran «{name}» tidak menjalankan langkah apa pun"


def _roles(organization: Organization, reader: DigestReader) -> Iterator[Finding]:
    known = [role.id for role in organization.roles]
    for section, names in (("roles", reader.roles), ("units", reader.units)):
        for j, name in enumerate(names):
            role = organization.role(name)
            if role is None:
                yield (section, j), unknown("peran", name, known)
            elif section == "roles" and not role.has_account:
                yield (
                    (section, j),
                    f"peran «{name}» tidak mempunyai akun Redmine, jadi tidak ada alamat untuk rekapnya",
                )


def _times(organization: Organization, digests: Digests) -> Iterator[Finding]:
    hours = organization.calendar.hours
    worked = [day for day in WEEKDAYS if hours.get(day)]
    if digests.weekly not in worked:
        yield ("digests", "weekly"), f"«{digests.weekly}» bukan hari kerja menurut calendar.hours"
    for day in worked:
        opening, closing = hours[day][0].start, hours[day][-1].end
        if not opening <= digests.at < closing:
            yield (
                ("digests", "at"),
                f"pukul {digests.at:%H.%M} di luar jam kerja hari {day} ({opening:%H.%M} sampai {closing:%H.%M})",
            )
            return
    yield from _special(organization, digests)


def _special(organization: Organization, digests: Digests) -> Iterator[Finding]:
    """Other hours may begin later, for then it waits for the opening; they must not be over by then."""
    for special in organization.calendar.special_hours:
        for day in WEEKDAYS:
            hours = special.hours.get(day)
            if hours and hours[-1].end <= digests.at:
                yield (
                    ("digests", "at"),
                    (
                        f"pukul {digests.at:%H.%M} kantor sudah tutup pada jam kerja «{special.name}» "
                        f"({day} sampai pukul {hours[-1].end:%H.%M})"
                    ),
                )
                break
