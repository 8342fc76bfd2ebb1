"""A form as it came in: its answers, and its files, which are held at once so that none has to be chosen twice."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace

from flask import request

from connector.engine.snapshot import SubmittedFile
from connector.errors import TransientError
from connector.portal import forms
from connector.portal.forms import Answers, Asked, Held
from connector.portal.language import gettext as _
from connector.ports import Scanner, Store

log = logging.getLogger(__name__)

#: A form's own key in the page: a UUID, by which the same form sent twice is known, and under which its files wait.
NONCE = "nonce"
#: The held files that are not wanted after all.
LET_GO = "lepas"
#: How long the files of a form are held that was sent with an error and then left.
HELD = dt.timedelta(days=1)


def nonce() -> str:
    """The key of the form that was sent; empty if it has none."""
    try:
        return str(uuid.UUID(request.form.get(NONCE, "")))
    except ValueError:
        return ""


def received(
    store: Store,
    asked: Asked,
    key: str,
    now: dt.datetime,
    *,
    finished: bool = True,
    scanner: Scanner | None = None,
) -> Answers:
    """What was sent. Its good files are held under the form's `key` from now on, whatever else is wrong."""
    unwanted = request.form.getlist(LET_GO)
    if unwanted:
        store.files.let_go(key, unwanted)
    files = {each.id: request.files.getlist(each.id) for each in asked.fields}
    answers = _clean(forms.read(asked, request.form, files, held_files(store, key)), scanner)
    for upload in answers.uploads:
        kept = store.files.hold(key, upload, until=now + HELD)
        most = next(each.max_files for each in asked.fields if each.id == upload.field)
        if most == 1:
            others = [each.ref for each in answers.files(upload.field) if each.ref != kept.ref]
            store.files.let_go(key, others)
    held = held_files(store, key)
    if not finished:
        return forms.raw(asked, request.form, held)
    return replace(answers, held=held)


def _clean(answers: Answers, scanner: Scanner | None) -> Answers:
    """Without files in which something was found. While nobody can tell all are taken: they are looked through again
    before they are handed on."""
    good, errors = [], dict(answers.errors)
    for upload in answers.uploads if scanner is not None else ():
        try:
            upload.stream.seek(0)
            found = scanner.scan(upload.stream) if scanner is not None else None
        except TransientError:
            log.warning("file not looked through yet: field=%s", upload.field)
            found = None
        if found is None:
            good.append(upload)
            continue
        log.warning("file refused: field=%s", upload.field)
        errors[upload.field] = _(
            "Pemeriksa virus menolak berkas %(name)s. Pindai perangkat Anda, lalu kirim berkas lain.",
            name=upload.filename,
        )
    return replace(answers, uploads=tuple(good), errors=errors) if scanner is not None else answers


def held_files(store: Store, key: str) -> Held:
    """The files that are held for a form, by field."""
    found: dict[str, list[SubmittedFile]] = {}
    for each in store.files.held(key) if key else ():
        found.setdefault(each.field, []).append(each)
    return found


def refs(asked: Asked, answers: Answers) -> Sequence[str]:
    """The files that go with a form: of what it asks, in its order."""
    return [
        file.ref
        for each in asked.fields
        if forms.applies(asked.when, each.id, answers.values)
        for file in answers.files(each.id)
    ]
