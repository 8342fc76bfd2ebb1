"""A ticket that ends is archived on the real Redmine: attached once, with a private note, and whole when read back."""

from __future__ import annotations

import hashlib

import pytest

from connector.archive.bundle import check, manifest
from connector.archive.record import records
from connector.engine.snapshot import RequesterAction
from tests.live.service import Service

pytestmark = pytest.mark.live


def test_a_ticket_that_ends_is_archived_once(service: Service) -> None:
    app = service.here()
    walker, _ = service.ticket(app)
    number = service.state(walker.issue)["number"]
    action = RequesterAction(
        key=f"tarik-{walker.issue}", kind="withdraw", number=number, at=app.clock(), remark="Sudah selesai."
    )
    app.store.submissions.add_action(action, (), issue=walker.issue, now=app.clock())
    service.drain(app)
    assert service.state(walker.issue)["ended"] is not None

    app.archivist.tick()
    service.drain(app)
    assert [each.key for each in app.store.queue.dead()] == []
    snapshot = app.redmine.read(walker.issue)
    assert snapshot is not None
    (record,) = records(snapshot)
    kept = {each.digest: each for each in snapshot.attachments}
    assert len(record.files) == 2
    for each in record.files:
        content = app.redmine.download(kept[each.sha256].id)
        assert hashlib.sha256(content).hexdigest() == each.sha256
        assert check(content) == []
        assert manifest(content)["ticket"] == number
    note = next(each for each in snapshot.journals if each.notes.startswith("Arsip tiket dibuat"))
    assert note.private

    app.archivist.settle(str(walker.issue))
    service.look(app, walker.issue)
    again = app.redmine.read(walker.issue)
    assert again is not None
    assert again.attachments == snapshot.attachments
    assert len(records(again)) == 1
    app.store.close()
