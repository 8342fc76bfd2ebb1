"""What types cannot say about documents: that a step leaves each, and that all they name is there and may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.sop.document import Finding, Where, unknown
from connector.sop.model import (
    FieldDef,
    FieldType,
    Organization,
    Output,
    OutputKind,
    Procedure,
    Step,
    StepKind,
)
from connector.sop.papers import FACTS, Block, Countersign, SignBy, placeholders, printed_fields
from connector.sop.table import is_on_portal, requesting


def made_by_steps(procedure: Procedure) -> Iterator[tuple[Where, Output]]:
    """Every output that is a document, and where."""
    for i, step in enumerate(procedure.steps):
        for j, output in enumerate(step.outputs):
            if output.kind is OutputKind.DOCUMENT:
                yield ("steps", i, "outputs", j), output


def _made(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """A document is said once and made by a step; only documents are."""
    known = [document.id for document in procedure.documents]
    for where, output in made_by_steps(procedure):
        if output.id not in known:
            yield where, unknown("dokumen", output.id, known)
        field = procedure.field(output.id)
        if field and field.type is not FieldType.FILE:
            yield where, f"keluaran «{output.id}» berupa berkas, tetapi isiannya bukan type file"
        if field and field.renew:
            yield (
                where,
                f"dokumen «{output.id}» diganti dengan yang baru, jadi isiannya tidak boleh renew: true",
            )
    made = {output.id for _, output in made_by_steps(procedure)}
    for i, document in enumerate(procedure.documents):
        if document.id not in made:
            yield ("documents", i, "id"), f"dokumen «{document.id}» tidak dibuat oleh langkah mana pun"


def _outputs(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for i, step in enumerate(procedure.steps):
        for j, output in enumerate(step.outputs):
            where: Where = ("steps", i, "outputs", j)
            field = procedure.field(output.id)
            if output.kind is OutputKind.UPLOAD and field and field.type is not FieldType.FILE:
                yield where, f"keluaran «{output.id}» berupa berkas, tetapi isiannya bukan type file"
            if output.after and output.kind is not OutputKind.DOCUMENT:
                yield (*where, "after"), f"keluaran «{output.id}»: after hanya untuk kind document"
            for k, name in enumerate(output.after):
                if name not in step.outcomes:
                    yield (*where, "after", k), unknown("hasil", name, step.outcomes)
            if output.kind is OutputKind.DOCUMENT and step.kind is StepKind.MILESTONE:
                yield where, f"dokumen «{output.id}» tidak dapat dibuat oleh penanda (kind milestone)"


def _names(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    fields = [field.id for field in procedure.fields]
    for i, document in enumerate(procedure.documents):
        at: Where = ("documents", i)
        for where, name in document.fields:
            if name not in fields:
                yield (*at, *where), unknown("isian", name, fields)
        for where, text in document.texts:
            yield from (((*at, *where), message) for message in _text(text, fields))


def _text(text: str, fields: Iterable[str]) -> Iterator[str]:
    bare = text
    for name in placeholders(text):
        bare = bare.replace("{" + name + "}", "")
        if name not in FACTS and name not in fields:
            yield unknown("isian atau keterangan", name, [*fields, *FACTS])
    if "{" in bare or "}" in bare:
        yield "kurung kurawal pada teks ini tidak berpasangan"
    if bare.count("*") % 2:
        yield "bintang (*tebal*) pada teks ini tidak berpasangan"


def _rows(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    steps = [step.id for step in procedure.active_steps]
    for i, document in enumerate(procedure.documents):
        for where, row in document.rows:
            at: Where = ("documents", i, *where)
            for j, name in enumerate(row.outcomes_of):
                if name not in steps:
                    yield (*at, "outcomes_of", j), unknown("langkah berstatus", name, steps)
            if row.checks and [field for field in _fields(procedure, row.fields) if not field.choices]:
                yield (*at, "checks"), f"baris «{row.label}»: checks hanya untuk isian type choice"


def _blocks(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    for i, document in enumerate(procedure.documents):
        for j, block in enumerate(document.body):
            at: Where = ("documents", i, "body", j)
            if block.form and procedure.form is None:
                yield (*at, "form"), "POS ini tidak mempunyai formulir"
            yield from (((*at, *where), message) for where, message in _block(procedure, block))


def _block(procedure: Procedure, block: Block) -> Iterator[Finding]:
    """Lines are written in a paragraph, a survey is answered by choices, `when` by one of the choices there are."""
    for table, key in ((block.lines, "lines"), (block.costs, "costs")):
        for field in _fields(procedure, (table.field,) if table else ()):
            if field.type is not FieldType.PARAGRAPH:
                yield (key, "field"), f"isian «{field.id}» bukan type paragraph"
    for k, name in enumerate(block.scores):
        for field in _fields(procedure, (name,)):
            if not field.choices or not all(choice[:1].isdigit() for choice in field.choices):
                yield ("scores", k), f"pilihan isian «{name}» tidak diawali angka nilai"
    for name, value in block.when.items():
        for field in _fields(procedure, (name,)):
            if field.choices and value not in field.choices:
                yield ("when", name), unknown(f"pilihan isian «{name}»", value, field.choices)


def _people(procedure: Procedure, organization: Organization) -> Iterator[Finding]:
    roles = [role.id for role in organization.roles]
    for i, document in enumerate(procedure.documents):
        named = [(("body", j, "official"), block.official) for j, block in enumerate(document.body)]
        named += [(("signers", j, "role"), signer.role) for j, signer in enumerate(document.signers)]
        for where, role in named:
            if role is not None and role not in roles:
                yield ("documents", i, *where), unknown("peran", role, roles)


def _signing(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """Who signs by leaving a step has that step."""
    steps = [step.id for step in procedure.active_steps]
    for i, document in enumerate(procedure.documents):
        for j, signer in enumerate(document.signers):
            where: Where = ("documents", i, "signers", j, "step")
            step = procedure.step(signer.step or "")
            if signer.step is None:
                continue
            if step is None or step.status is None:
                yield where, unknown("langkah berstatus", signer.step, steps)
            elif not set(step.roles) & (requesting(procedure) if signer.role is None else {signer.role}):
                yield where, f"penanda tangan bukan pelaku langkah «{signer.step}»"


def _again(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """A document is issued again where somebody signs it, and not where he does by its first issue."""
    for i, document in enumerate(procedure.documents):
        steps = [signer.step for signer in document.signers if signer.step]
        for j, name in enumerate(document.again_after):
            where: Where = ("documents", i, "again_after", j)
            step = procedure.step(name)
            if name not in steps:
                yield where, unknown("langkah penanda tangan", name, steps)
            elif step is not None and any(out.id == document.id and out.after for out in step.outputs):
                yield where, f"dokumen «{document.id}» baru dibuat ketika langkah «{name}» ditinggalkan"


def _countersigning(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """A requester signs what has a place for his signature, on his own page, and its field takes it."""
    for i, step in enumerate(procedure.steps):
        for name, outcome in step.outcomes.items():
            if outcome.countersign is not None:
                at: Where = ("steps", i, "outcomes", name, "countersign")
                found = _countersign(procedure, step, outcome.countersign)
                yield from (((*at, *where), message) for where, message in found)


def _countersign(procedure: Procedure, step: Step, sign: Countersign) -> Iterator[Finding]:
    if step.status is None or not is_on_portal(procedure, step):
        yield (), f"langkah «{step.id}» bukan langkah pemohon di halaman pelacakan"
    if SignBy.CODE in sign.by and all(field.type is not FieldType.EMAIL for field in procedure.fields):
        yield ("by",), "kode dikirim lewat email, tetapi POS ini tidak menanyakan alamat email"
    uploads = {output.id for output in step.outputs if output.kind is OutputKind.UPLOAD}
    for name in uploads - set(sign.documents.values()) if SignBy.CODE in sign.by else ():
        yield ("by",), f"berkas «{name}» tidak dapat diminta pada halaman tanda tangan"
    for name, into in sign.documents.items():
        messages = (*_signed_document(procedure, name), *_signed_field(procedure, sign, into, uploads))
        yield from ((("documents", name), each) for each in messages)


def _signed_document(procedure: Procedure, name: str) -> Iterator[str]:
    document = procedure.document(name)
    if document is None:
        yield unknown("dokumen", name, [each.id for each in procedure.documents])
    elif not any(signer.requester for signer in document.signers):
        yield f"dokumen «{name}» tidak memuat tempat tanda tangan pemohon (signers: requester: true)"


def _signed_field(procedure: Procedure, sign: Countersign, into: str, uploads: set[str]) -> Iterator[str]:
    field = procedure.field(into)
    if field is None:
        yield unknown("isian", into, [each.id for each in procedure.fields])
    elif field.type is not FieldType.FILE:
        yield f"isian «{into}» bukan type file"
    elif SignBy.SCAN in sign.by and into not in uploads:
        yield f"pindaian diunggah ke «{into}», yang bukan keluaran kind: upload langkah ini"
    if list(sign.documents.values()).count(into) > 1:
        yield f"isian «{into}» hanya memuat satu dokumen"


def _shown(procedure: Procedure, _: Organization) -> Iterator[Finding]:
    """Who may not see a field must not read it in a document."""
    asked = procedure.form.fields if procedure.form else ()
    for i, document in enumerate(procedure.documents):
        papers = _fields(procedure, (document.id, *_signed_into(procedure, document.id)))
        printed = _fields(procedure, sorted(printed_fields(document, asked)))
        yield from ((("documents", i, "id"), words) for paper in papers for words in _exposed(paper, printed))


def _signed_into(procedure: Procedure, document: str) -> list[str]:
    """The other fields that keep the document with its requester's signature."""
    signs = (out.countersign for step in procedure.steps for out in step.outcomes.values() if out.countersign)
    named = (sign.documents.get(document, document) for sign in signs)
    return [each for each in dict.fromkeys(named) if each != document]


def _exposed(paper: FieldDef, printed: list[FieldDef]) -> Iterator[str]:
    """What somebody would read in a document who may not see the field."""
    for field in printed:
        hidden = field.visible_to is not None and (
            paper.visible_to is None or not set(paper.visible_to) <= set(field.visible_to)
        )
        if hidden:
            message = (
                f"dokumen «{paper.id}» memuat isian «{field.id}», yang hanya terlihat oleh peran tertentu"
            )
            yield f"{message}; beri isian dokumennya visible_to yang sama"
        if field.personal and not paper.personal and paper.visible_to is None:
            yield f"dokumen «{paper.id}» memuat data pribadi («{field.id}»); beri isian dokumennya personal: true"
            break


def _fields(procedure: Procedure, names: Iterable[str]) -> list[FieldDef]:
    return [field for name in names if (field := procedure.field(name)) is not None]


CHECKS = (_outputs, _made, _names, _rows, _blocks, _people, _signing, _again, _countersigning, _shown)
