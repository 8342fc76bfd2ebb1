"""The text of a new mapping: a small procedure that works as written, with names that nobody has yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from connector.errors import PermanentError
from connector.sop.model import NAME_MAX, Catalogue, FieldDef, Organization, RoleKind

TEMPLATE = "pos-baru.yaml.j2"


class StartError(PermanentError):
    """A new mapping cannot be written."""


@dataclass(frozen=True)
class Field:
    """One field of the new procedure; `more` are further lines of YAML."""

    id: str
    name: str
    label: str
    type: str
    more: tuple[str, ...] = ()


OWN = (
    Field("uraian_permohonan", "Uraian permohonan", "Apa yang Anda perlukan?", "paragraph"),
    Field(
        "berkas_pendukung",
        "Berkas pendukung",
        "Berkas pendukung",
        "file",
        ("required: false", "accept: [.pdf, .jpg, .jpeg, .png]"),
    ),
    Field("catatan_pemeriksaan", "Catatan pemeriksaan", "Catatan pemeriksaan", "paragraph"),
    Field("hasil_pekerjaan", "Hasil pekerjaan", "Hasil pekerjaan", "paragraph"),
    Field("laporan_pekerjaan", "Laporan pekerjaan", "Laporan pekerjaan", "file", ("accept: [.pdf]",)),
    Field(
        "penilaian_pemohon",
        "Penilaian pemohon",
        "Penilaian Anda",
        "choice",
        ("choices: [Puas, Cukup, Kurang puas]",),
    ),
)
#: Left out where the mappings have them already.
SHARED = (
    Field("nama_pemohon", "Nama pemohon", "Nama lengkap", "text", ("personal: true",)),
    Field("email_pemohon", "Email pemohon", "Alamat email", "email", ("personal: true",)),
    Field("telepon_pemohon", "Telepon pemohon", "Nomor telepon", "phone", ("personal: true",)),
    Field("persetujuan_data", "Persetujuan data", "Saya menyetujui pemrosesan data pribadi ini.", "consent"),
    Field("permintaan_perbaikan", "Permintaan perbaikan", "Yang perlu diperbaiki", "paragraph", ("renew: true",)),
    Field("alasan", "Alasan penutupan", "Alasan", "paragraph"),
)  # fmt: skip


def mapping_text(
    templates: Path, catalogue: Catalogue, organization: Organization, shared: Collection[FieldDef], name: str
) -> str:
    """A new procedure `name` of an organization.

    Raises:
        StartError: when the organization has nobody who could ask or nobody who could serve.
    """
    requester, staff = _roles(organization)
    taken = _Taken(catalogue, shared)
    known = {field.id for field in (*shared, *organization.fields)}
    fields = [taken.field(each) for each in (*OWN, *(each for each in SHARED if each.id not in known))]
    environment = Environment(
        loader=FileSystemLoader(templates / "mappings"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML; what goes in are ids and names made here
    )
    title = " ".join(name.replace("_", "-").split("-")).capitalize()
    try:
        template = environment.get_template(TEMPLATE)
    except TemplateNotFound:
        raise StartError(f"templat {templates / 'mappings' / TEMPLATE} tidak ada") from None
    return template.render(
        id=name,
        profile=organization.id,
        title=title,
        tracker=taken.tracker(title),
        requester=requester,
        desk=staff[0],
        worker=staff[min(1, len(staff) - 1)],
        head=staff[min(2, len(staff) - 1)],
        fields=fields,
    )


def _roles(organization: Organization) -> tuple[str, list[str]]:
    requesters = [role.id for role in organization.roles if role.kind is RoleKind.REQUESTER]
    # who acts for a unit of his own is nobody's colleague
    staff = [role.id for role in organization.roles if role.kind is RoleKind.STAFF and role.unit is None]
    for kind, found in (("requester", requesters), ("staff", staff)):
        if not found:
            raise StartError(
                f"organisasi «{organization.id}» belum mempunyai peran dengan kind: {kind}; "
                f"tambahkan dahulu di {organization.id}/organization.yaml"
            )
    return requesters[0], staff


class _Taken:
    """Names that Redmine has already, or will have."""

    def __init__(self, catalogue: Catalogue, shared: Collection[FieldDef]) -> None:
        every = (
            *shared,
            *(field for organization in catalogue.organizations for field in organization.fields),
            *(field for procedure in catalogue.procedures for field in procedure.fields),
        )
        self._fields = {field.name.casefold() for field in every}
        self._trackers = {procedure.tracker.casefold() for procedure in catalogue.procedures}

    def field(self, wanted: Field) -> Field:
        """The field under a free name."""
        name = _free(wanted.name, self._fields)
        self._fields.add(name.casefold())
        return replace(wanted, name=name)

    def tracker(self, title: str) -> str:
        """A free name for the tracker."""
        return _free(title, self._trackers)


def _free(name: str, taken: Collection[str]) -> str:
    """The name, cut to what Redmine takes; with a number where somebody has it."""
    number, found = 1, name[:NAME_MAX].strip()
    while found.casefold() in taken:
        number += 1
        found = f"{name[: NAME_MAX - len(str(number)) - 1].strip()} {number}"
    return found
