"""Read the mappings: all that is wrong is said at once, each as `file:line:column: message` in Indonesian.

sop_mappings/bersama.yaml             fields that all organizations share
sop_mappings/ORG/organization.yaml    one organization
sop_mappings/ORG/POS.yaml             one procedure
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connector.errors import MappingError
from connector.sop import model, papers
from connector.sop.alerts import disjoint
from connector.sop.checks import check, named_fields, status_places
from connector.sop.digests import check_digests
from connector.sop.document import Document, Where, meant, unknown
from connector.sop.escalation import check_escalation, check_organization
from connector.sop.form_checks import check_form
from connector.sop.keys import SYSTEM_FIELDS, SYSTEM_SCOPE, status_key
from connector.sop.letters import check_letters
from connector.sop.marks import mark_of
from connector.sop.model import (
    NIK,
    NIP,
    Alerts,
    Catalogue,
    Category,
    FieldDef,
    FieldType,
    Frozen,
    Organization,
    OutputKind,
    Procedure,
    RoleKind,
    SurveyDef,
)
from connector.sop.opening import check_calendar
from connector.sop.paper_checks import made_by_steps
from connector.sop.papers import DocumentDef
from connector.sop.signing import check_signatories
from connector.sop.units import check_bound, check_units
from connector.sop.workable import check_workable

SHARED = "bersama"
SHARED_FILE = "bersama.yaml"
ORGANIZATION_FILE = "organization.yaml"

#: A logo is on every page, on slow phones too.
LOGO_MAX = 200 * 1024
JPEG = (b"\xff\xd8\xff",)
PICTURES = {".png": (b"\x89PNG\r\n\x1a\n",), ".jpg": JPEG, ".jpeg": JPEG, ".webp": (b"RIFF",)}

Value = TypeVar("Value", bound=Frozen)


class Shared(Frozen):
    """`bersama.yaml`: the fields and documents that all share, and the needs by which services are grouped."""

    fields: tuple[FieldDef, ...] = ()
    categories: tuple[Category, ...] = ()
    documents: tuple[DocumentDef, ...] = ()
    #: That of every procedure which has none of its own.
    survey: SurveyDef | None = None


def load(root: Path, profiles: Sequence[str] = (), templates: Collection[str] | None = None) -> Catalogue:
    """Read the mappings below `root`, of all organizations or only of `profiles`.

    With `templates`, the names of the templates that are there, documents must use one of them.

    Raises:
        MappingError: with every finding in every file.
    """
    reader = _Reader(root, templates)
    catalogue = reader.read(profiles)
    if reader.findings:
        raise MappingError(tuple(reader.findings))
    return catalogue


def shared_fields(root: Path) -> tuple[FieldDef, ...]:
    """The fields that all organizations below `root` share.

    Raises:
        MappingError: when something is wrong with them.
    """
    reader = _Reader(root, None)
    found = reader.shared()
    if reader.findings:
        raise MappingError(tuple(reader.findings))
    return found.fields


class _Reader:
    def __init__(self, root: Path, templates: Collection[str] | None) -> None:
        self._root = root
        self._templates = templates
        self._documents: list[Document] = []
        self._statuses: dict[str, tuple[str, bool, str]] = {}
        self._alerts: dict[str, Alerts] = {}
        self._names: dict[tuple[str, str], str] = {
            ("field", name.casefold()): f"{SYSTEM_SCOPE} (isian konektor)" for name in SYSTEM_FIELDS
        }

    @property
    def findings(self) -> list[str]:
        return [finding for document in self._documents for finding in document.findings]

    def read(self, profiles: Sequence[str]) -> Catalogue:
        shared = self.shared()
        found = sorted(path.parent for path in self._root.glob(f"*/{ORGANIZATION_FILE}"))
        self._expect(profiles, [folder.name for folder in found])
        organizations: list[Organization] = []
        procedures: list[Procedure] = []
        for folder in found:
            if profiles and folder.name not in profiles:
                continue
            organization = self._organization(folder)
            if organization is None:
                continue
            organizations.append(organization)
            files = [path for path in sorted(folder.glob("*.yaml")) if path.name != ORGANIZATION_FILE]
            read = [self._procedure(path, organization, shared) for path in files]
            own = [procedure for procedure in read if procedure]
            procedures += own
            self._digests(folder, organization, [path.stem for path in files], own)
        return Catalogue(
            organizations=tuple(organizations), procedures=tuple(procedures), categories=shared.categories
        )

    def _expect(self, profiles: Sequence[str], known: list[str]) -> None:
        complaint = Document(self._root, str(self._root))
        if not known:
            complaint.find((), f"tidak ada organisasi di sini; buat ORGANISASI/{ORGANIZATION_FILE}")
        for profile in profiles:
            if profile not in known:
                complaint.find((), unknown("organisasi", profile, known))
        self._documents.append(complaint)

    # files --------------------------------------------------------------------------------------------------

    def _open(self, path: Path) -> Document:
        document = Document.read(path, self._root)
        self._documents.append(document)
        return document

    def shared(self) -> Shared:
        path = self._root / SHARED_FILE
        if not path.exists():
            return Shared()
        document = self._open(path)
        shared = _validated(document, Shared, document.data)
        if shared is None:
            return Shared()
        for section in ("fields", "categories", "documents"):
            _no_doubles(document, section, [item.id for item in getattr(shared, section)])
        names = [field.id for field in shared.fields]
        for i, name in enumerate(shared.survey.elements if shared.survey else ()):
            if name not in names:
                document.find(("survey", "elements", i), unknown("isian", name, names))
        self._known_templates(document, shared.documents)
        return shared.model_copy(update={"fields": _scoped(shared.fields, SHARED)})

    def _organization(self, folder: Path) -> Organization | None:
        document = self._open(folder / ORGANIZATION_FILE)
        organization = _validated(document, Organization, document.data)
        if organization is None:
            return None
        if organization.id != folder.name:
            document.find(
                ("id",), f"id «{organization.id}» harus sama dengan nama foldernya, «{folder.name}»"
            )
        for section in ("roles", "fields", "documents"):
            _no_doubles(document, section, [item.id for item in getattr(organization, section)])
        self._known_templates(document, organization.documents)
        roles = tuple(role.model_copy(update={"profile": organization.id}) for role in organization.roles)
        for i, role in enumerate(roles):
            self._once(document, ("roles", i, "name"), "role", role.name, role.key)
        ids = [role.id for role in roles]
        for i, signatory in enumerate(organization.signatories):
            if signatory.role not in ids:
                document.find(("signatories", i, "role"), unknown("peran", signatory.role, ids))
        for where, message in check_calendar(organization.calendar):
            document.find(("calendar", *where), message)
        for where, message in (
            *check_organization(organization),
            *check_signatories(organization.signatories),
            *check_units(organization),
        ):
            document.find(where, message)
        letters = organization.letters
        patterns = {kind: (each.pattern, each.shared or kind) for kind, each in letters.items()}
        for where, message in check_letters(patterns):
            document.find(where, message)
        self._logo(document, folder, organization.logo)
        _no_doubles(document, "identities", [NIP.id, NIK.id, *(each.id for each in organization.identities)])
        self._once(document, ("ticket_prefix",), "prefix", organization.ticket_prefix, organization.id)
        self._once(
            document, ("project", "identifier"), "project", organization.project.identifier, organization.id
        )
        fields = _scoped(organization.fields, organization.id)
        return organization.model_copy(update={"roles": roles, "fields": fields})

    def _digests(
        self, folder: Path, organization: Organization, files: Sequence[str], procedures: Sequence[Procedure]
    ) -> None:
        """What is wrong with the organization's digests, once its procedures are known."""
        whole = len(procedures) == len(files)
        acting = (
            {role for each in procedures for step in each.steps for role in step.roles} if whole else set()
        )
        document = next(each for each in self._documents if each.path == folder / ORGANIZATION_FILE)
        for where, message in check_digests(organization, files, acting):
            document.find(where, message)

    def _procedure(self, path: Path, organization: Organization, shared: Shared) -> Procedure | None:
        document = self._open(path)
        if isinstance(document.data, dict):
            document.data.setdefault("profile", organization.id)
        raw = _validated(document, Procedure, document.data)
        if raw is None:
            return None
        if raw.id != path.stem:
            document.find(("id",), f"id «{raw.id}» harus sama dengan nama berkasnya, «{path.stem}»")
        if raw.profile != organization.id:
            document.find(("profile",), f"profile harus «{organization.id}», seperti foldernya")
        for section in ("fields", "documents"):
            _no_doubles(document, section, [item.id for item in getattr(raw, section)])
        own = _scoped(raw.fields, f"{organization.id}/{raw.id}")
        known = {field.id: field for field in (*shared.fields, *organization.fields, *own)}
        papers = _with_documents(raw, organization, shared)
        completed = _completed(document, papers, organization, known)
        procedure = _surveyed(document, completed, shared, known)
        procedure = procedure.model_copy(update={"version": _digest(procedure)})
        found = [
            *check(procedure, organization),
            *check_escalation(procedure, organization),
            *check_form(procedure, organization),
            *check_bound(procedure, organization),
        ]
        if not found and not document.findings:
            found = list(check_workable(procedure, organization))
        for where, message in found:
            document.find(_as_written(where, raw, procedure), message)
        categories = [category.id for category in shared.categories]
        if raw.category is not None and raw.category not in categories:
            document.find(("category",), unknown("kelompok layanan", raw.category, categories))
        self._known_templates(document, raw.documents)
        self._unique_on_server(document, raw, procedure)
        self._alerts_of_one(document, procedure)
        return procedure

    def _logo(self, document: Document, folder: Path, name: str | None) -> None:
        if name is None:
            return
        path = folder / name
        head = path.read_bytes()[: LOGO_MAX + 1] if path.is_file() else None
        if head is None:
            document.find(("logo",), f"berkas logo «{name}» tidak ada di samping {ORGANIZATION_FILE}")
        elif len(head) > LOGO_MAX:
            document.find(("logo",), f"logo «{name}» terlalu besar: paling besar {LOGO_MAX // 1024} KB")
        elif not any(head.startswith(sign) for sign in PICTURES[path.suffix]):
            document.find(("logo",), f"isi «{name}» bukan gambar {path.suffix.lstrip('.').upper()}")

    def _known_templates(self, document: Document, papers: Sequence[DocumentDef]) -> None:
        for i, paper in enumerate(papers):
            if self._templates is not None and paper.template not in self._templates:
                where = ("documents", i, "template")
                document.find(where, unknown("templat dokumen", paper.template, self._templates))

    def _alerts_of_one(self, document: Document, procedure: Procedure) -> None:
        if procedure.alerts is None:
            return
        for key, other in self._alerts.items():
            if not disjoint(procedure.alerts, other):
                document.find(
                    ("alerts", "match"), f"sebuah peringatan dapat juga milik {key}; bedakan match-nya"
                )
        self._alerts[procedure.key] = procedure.alerts

    # names that Redmine has once ------------------------------------------------------------------------------

    def _unique_on_server(self, document: Document, raw: Procedure, procedure: Procedure) -> None:
        self._once(document, ("tracker",), "tracker", procedure.tracker, procedure.key)
        for i, field in enumerate(procedure.fields):
            where = _as_written(("fields", i, "name"), raw, procedure)
            self._once(document, where, "field", field.name, field.key)
        for place, name, closed in status_places(procedure):
            first = self._statuses.setdefault(status_key(name), (name, closed, procedure.key))
            if first[2] != procedure.key and first[:2] != (name, closed):
                document.find(
                    place,
                    f"status «{name}» ({_nature(closed)}) bertentangan dengan «{first[0]}» "
                    f"({_nature(first[1])}) pada {first[2]}; di Redmine keduanya satu status",
                )

    def _once(self, document: Document, where: Where, kind: str, name: str, owner: str) -> None:
        first = self._names.setdefault((kind, name.casefold()), owner)
        if first != owner:
            document.find(
                where, f"nama «{name}» sudah dipakai oleh {first}; di Redmine nama ini hanya boleh satu"
            )


def _nature(closed: bool) -> str:
    return "tertutup" if closed else "terbuka"


def _with_documents(raw: Procedure, organization: Organization, shared: Shared) -> Procedure:
    """The procedure with the shared documents that its steps leave and that it does not say itself, after its own."""
    own = {each.id for each in raw.documents}
    known = {each.id: each for each in (*shared.documents, *organization.documents)}
    wanted = dict.fromkeys(output.id for _, output in made_by_steps(raw) if output.id not in own)
    return raw.model_copy(
        update={"documents": (*raw.documents, *(known[name] for name in wanted if name in known))}
    )


def _completed(
    document: Document, raw: Procedure, organization: Organization, known: dict[str, FieldDef]
) -> Procedure:
    """The procedure with every field it names, in the order in which people meet them."""
    used: dict[str, FieldDef] = {}
    for where, name in named_fields(raw):
        if name in known:
            used.setdefault(name, known[name])
        else:
            document.find(where, unknown("isian", name, known))
    for i, field in enumerate(raw.fields):
        if field.id not in used:
            document.find(
                ("fields", i, "id"), f"isian «{field.id}» tidak dipakai di formulir atau langkah mana pun"
            )
    used = {name: _accepting(field, organization) for name, field in used.items()}
    files = {field.id for field in used.values() if field.type is FieldType.FILE}
    steps = tuple(
        step.model_copy(
            update={
                "outputs": tuple(
                    output.model_copy(update={"kind": OutputKind.UPLOAD})
                    if output.kind is OutputKind.FIELD and output.id in files
                    else output
                    for output in step.outputs
                )
            }
        )
        for step in raw.steps
    )
    requesters = tuple(role.id for role in organization.roles if role.kind is RoleKind.REQUESTER)
    return raw.model_copy(update={"fields": tuple(used.values()), "steps": steps, "requesters": requesters})


def _surveyed(
    document: Document, procedure: Procedure, shared: Shared, known: dict[str, FieldDef]
) -> Procedure:
    """The procedure with its survey, or that of all, and what it asks."""
    survey = procedure.survey or (shared.survey if procedure.form is not None else None)
    if survey is None:
        return procedure
    names = [*survey.elements, *([survey.remark] if survey.remark else [])]
    if procedure.survey is not None:
        for i, name in enumerate(survey.elements):
            field = known.get(name)
            if field is None:
                document.find(("survey", "elements", i), unknown("isian", name, known))
            elif not all(mark_of(choice) for choice in field.choices) or not field.choices:
                message = f"unsur «{name}» harus isian pilihan yang diawali nilai, misalnya «4 Sangat baik»"
                document.find(("survey", "elements", i), message)
        if survey.remark and survey.remark not in known:
            document.find(("survey", "remark"), unknown("isian", survey.remark, known))
    questions = tuple(known[name] for name in names if name in known)
    return procedure.model_copy(update={"survey": survey.model_copy(update={"questions": questions})})


def _accepting(field: FieldDef, organization: Organization) -> FieldDef:
    """A field for an identity number with the kinds that it takes: those it names, or all there are."""
    if field.type is not FieldType.IDENTITY:
        return field
    known = (*organization.identities, NIP, NIK)
    accepted = tuple(each for each in known if not field.identities or each.id in field.identities)
    return field.model_copy(update={"accepted": accepted})


def _as_written(where: Where, raw: Procedure, procedure: Procedure) -> Where:
    """The place of a field in its file; fields are in another order there, and shared ones in another file.

    A shared document has its place where a step leaves it.
    """
    if where[:1] == ("documents",) and isinstance(where[1], int) and where[1] >= len(raw.documents):
        shared = procedure.documents[where[1]].id
        return next(at for at, output in made_by_steps(raw) if output.id == shared)
    if len(where) < 2 or where[0] != "fields" or not isinstance(where[1], int):
        return where
    written = [field.id for field in raw.fields]
    name = procedure.fields[where[1]].id
    return ("fields", written.index(name), *where[2:]) if name in written else ()


def _digest(procedure: Procedure) -> str:
    """The version of a procedure: of what it says, so that blanks and comments do not make a new one."""
    content = procedure.model_dump(mode="json", exclude={"version"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _no_doubles(document: Document, section: str, ids: Sequence[str]) -> None:
    for i, name in enumerate(ids):
        if name in ids[:i]:
            document.find((section, i, "id"), f"id «{name}» dipakai dua kali")


def _scoped(fields: Iterable[FieldDef], scope: str) -> tuple[FieldDef, ...]:
    return tuple(field.model_copy(update={"scope": scope}) for field in fields)


# what pydantic found, in words --------------------------------------------------------------------------------

KEYS = sorted(
    {
        field.alias or name
        for kind in (*vars(model).values(), *vars(papers).values())
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
    }
)


def _validated(document: Document, kind: type[Value], data: Any) -> Value | None:
    if document.data is None:
        return None
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            where = tuple(each["loc"])
            if each["type"] == "extra_forbidden":
                document.find((*where, "?"), _words(each))
            elif each["type"] == "missing":
                document.find(where[:-1], _words(each))
            else:
                document.find(where, _words(each))
        return None


def _words(error: Any) -> str:
    """One of pydantic's errors for the author of a mapping."""
    key = error["loc"][-1] if error["loc"] else ""
    words = WORDS.get(error["type"])
    if words is None:
        return f"nilai «{error['input']}» untuk «{key}» tidak sah: {error['msg']}"
    return words(key, error["input"], error.get("ctx", {}))


def _one_of(_: object, given: Any, context: Any) -> str:
    known = [each.strip("' ") for each in str(context["expected"]).replace(" or ", ", ").split(",")]
    return f"«{given}» tidak dikenal{meant(str(given), known)}; pilihannya: {', '.join(known)}"


FORMS = {
    r"^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$": "pakai huruf kecil dan angka, dipisah - atau _, misalnya «uji-coba»",
    r"^[A-Z]{2,8}$": "pakai 2 sampai 8 huruf besar, misalnya «UNJ»",
    r"^#[0-9a-f]{6}$": "tulis warna seperti «#0b5394»",
    r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+$": "tulis domain dengan huruf kecil, misalnya «unj.ac.id»",
    r"^[A-Za-z0-9_-]+\.(?:png|jpg|jpeg|webp)$": "tulis nama berkas PNG, JPG, atau WebP; SVG tidak diterima",
    r"^[^@\s,;:<>\"]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$": "tulis satu alamat email, misalnya «dekan.ft@unj.ac.id»",
    r"^[a-z][a-z0-9_-]{0,99}$": "pakai huruf kecil, angka, - dan _, misalnya «unj-layanan-tik»",
}


def _a_form(key: object, given: Any, context: Any) -> str:
    form = FORMS.get(context["pattern"], f"bentuknya {context['pattern']}")
    return f"«{given}» tidak dapat dipakai untuk «{key}»: {form}"


def _a_list(key: object, _: Any, __: Any) -> str:
    return f"«{key}» harus daftar (baris-baris yang diawali «- »)"


def _a_mapping(key: object, _: Any, __: Any) -> str:
    return f"«{key}» harus berisi kunci dan nilai"


def _a_date(_: object, given: Any, __: Any) -> str:
    return f"«{given}» bukan tanggal; tulis misalnya 2026-11-27"


WORDS: dict[str, Callable[[Any, Any, Any], str]] = {
    "missing": lambda key, _, __: f"kunci «{key}» wajib ada",
    "extra_forbidden": lambda key, _, __: (
        f"kunci «{key}» tidak dikenal di sini{meant(str(key), [each for each in KEYS if each != key])}"
    ),
    "string_too_long": lambda _, given, context: (
        f"«{given}» terlalu panjang: paling banyak {context['max_length']} huruf, ini {len(given)}"
    ),
    "string_too_short": lambda key, _, __: f"«{key}» tidak boleh kosong",
    "too_short": lambda key, _, __: f"«{key}» tidak boleh kosong",
    "string_pattern_mismatch": _a_form,
    "string_type": lambda key, given, _: f"«{key}» harus teks, bukan {given!r}; beri tanda kutip",
    "value_error": lambda _, __, context: str(context["error"]),
    "enum": _one_of,
    "literal_error": _one_of,
    "tuple_type": _a_list,
    "list_type": _a_list,
    "date_type": _a_date,
    "date_parsing": _a_date,
    "date_from_datetime_parsing": _a_date,
    "date_from_datetime_inexact": _a_date,
    "model_type": _a_mapping,
    "dict_type": _a_mapping,
}
