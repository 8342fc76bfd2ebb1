"""The gateway's reading of answers: what is an error for ever, what for now. Real answers are in tests/live."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from connector.engine.progress import entered
from connector.engine.snapshot import Assignee, Snapshot
from connector.engine.state import TicketState
from connector.errors import (
    ConflictError,
    NumberTakenError,
    PermanentError,
    RefusedError,
    SopError,
    TransientError,
)
from connector.ports import FeedPage, IssueChange, NewIssue, Uploaded
from connector.redmine import translate
from connector.redmine.gateway import RedmineGateway
from connector.redmine.translate import Keys
from connector.sop.keys import NUMBER_FIELD
from connector.sop.model import Catalogue
from tests.fakes import Bytes
from tests.small import JAKARTA, ORGANIZATION, PROCEDURE, RULES, FakeTicket

URL = "http://redmine.test"
IDS = {
    "tracker:uji:layanan": 3,
    "project:uji": 1,
    "status:permohonan-masuk": 10,
    "status:pemeriksaan": 11,
    "status:pengerjaan": 12,
    "role:uji:meja": 20,
    "role:connector": 21,
    "group:uji:meja": 30,
    NUMBER_FIELD: 40,
    "field:uji:nama": 41,
    "field:uji:berita-acara": 42,
}


@pytest.fixture
def gateway() -> RedmineGateway:
    catalogue = Catalogue(organizations=(ORGANIZATION,), procedures=(PROCEDURE,))
    return RedmineGateway(URL + "/", "kunci", catalogue)


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{URL}/sop/info.json", json={"keys": IDS})
        yield mock


def state() -> TicketState:
    ticket = FakeTicket.at()
    assert ticket.snapshot.state is not None
    return ticket.snapshot.state


def body(**issue: Any) -> dict[str, Any]:
    person = {"id": 5, "name": "Budi", "roles": [20, 99]}
    return {
        "issue": {
            "id": 42,
            "project_id": 1,
            "tracker_id": 3,
            "status_id": 11,
            "author": person,
            "assigned_to": {"id": 30, "name": "Meja", "type": "Group", "roles": [20]},
            "subject": "s",
            "description": None,
            "due_date": "2026-11-23",
            "done_ratio": 20,
            "created_on": "2026-11-23T02:00:00Z",
            "closed_on": None,
            "custom_fields": [
                {"id": 41, "value": "Sari"},
                {"id": 42, "value": "7"},
                {"id": 40, "value": ""},
                {"id": 77, "value": ["a", "b"]},
            ],
            **issue,
        },
        "journals": [
            {
                "id": 9,
                "user": {"id": 5, "name": "Budi"},
                "admin": False,
                "roles": [20],
                "created_on": "2026-11-23T03:00:00Z",
                "notes": None,
                "private_notes": False,
                "details": [
                    {"property": "attr", "prop_key": "status_id", "old_value": "10", "value": "11"},
                    {"property": "attr", "prop_key": "assigned_to_id", "old_value": None, "value": "30"},
                    {"property": "cf", "prop_key": "41", "old_value": "", "value": "Sari"},
                    {"property": "attachment", "prop_key": "7", "old_value": None, "value": "a.pdf"},
                ],
            }
        ],
        "files": [
            {
                "field_id": 42,
                "id": 7,
                "filename": "a.pdf",
                "filesize": 3,
                "content_type": "application/pdf",
                "digest": "ab",
                "author_id": 5,
            }
        ],
        "attachments": [],
        "duplicates": [],
        "duplicated": [],
        "last_journal": 9,
        "now": "2026-11-23T02:05:00Z",
        "state": {
            "number": "UJI-2026-000001",
            "submission": None,
            "cursor": 8,
            "version": 2,
            "data": state().model_dump(mode="json", exclude_defaults=True),
        },
    }


def test_an_issue_is_read_in_the_mappings_words(gateway: RedmineGateway, web: Any) -> None:
    web.get(f"{URL}/sop/issues/42.json", json=body())
    read = gateway.read(42)
    assert read is not None
    assert (read.procedure, read.status, read.project) == ("uji/layanan", "status:pemeriksaan", "project:uji")
    assert read.fields == {"field:uji:nama": "Sari", "field:#77": "a, b"}
    assert read.files["field:uji:berita-acara"].id == 7
    assert read.assignee is not None
    assert (read.assignee.is_group, read.assignee.roles) == (True, frozenset({"meja"}))
    assert read.author.roles == {"meja"}
    changes = [(each.what, each.old, each.new) for each in read.journals[0].changes]
    assert changes == [
        ("status", "status:permohonan-masuk", "status:pemeriksaan"),
        ("assignee", None, "30"),
        ("field:uji:nama", "", "Sari"),
        ("attachment", None, "a.pdf"),
    ]
    assert (read.cursor, read.version, read.last_journal) == (8, 2, 9)
    assert read.state == state()


def test_a_foreign_tracker_and_a_missing_issue_are_none(gateway: RedmineGateway, web: Any) -> None:
    web.get(f"{URL}/sop/issues/42.json", json=body(tracker_id=99))
    web.get(f"{URL}/sop/issues/43.json", status=404, json={"errors": ["tidak ada"]})
    assert gateway.read(42) is None
    assert gateway.read(43) is None


def test_a_key_that_is_new_is_asked_for_once_more(gateway: RedmineGateway, web: Any) -> None:
    web.get(f"{URL}/sop/info.json", json={"keys": IDS | {"status:pengesahan": 13}})
    web.get(f"{URL}/sop/issues/42.json", json=body(status_id=13))
    read = gateway.read(42)
    assert read is not None
    assert read.status == "status:pengesahan"


def test_a_commit_names_what_it_expects_and_writes_ids(gateway: RedmineGateway, web: Any) -> None:
    web.get(f"{URL}/sop/issues/42.json", json=body())
    sent = web.post(f"{URL}/sop/issues/42/commit.json", json=body())
    before = gateway.read(42)
    assert before is not None
    change = IssueChange(
        status="status:pengerjaan", clear_assignee=True, clear_due_date=True, fields={NUMBER_FIELD: "N"}
    )
    gateway.commit(before, change, state())
    wish = json.loads(sent.calls[0].request.body)
    assert (wish["expected_journal"], wish["expected_version"]) == (9, 2)
    assert wish["changes"] == {
        "status_id": 12,
        "assigned_to_id": None,
        "due_date": None,
        "custom_fields": {"40": "N"},
    }
    assert wish["state"]["data"]["schema_version"] == 1
    assert wish["notify"] is False


def test_a_commit_asks_once_more_for_a_key_that_is_new(gateway: RedmineGateway, web: Any) -> None:
    web.get(f"{URL}/sop/info.json", json={"keys": IDS | {"status:pengesahan": 13}})
    sent = web.post(f"{URL}/sop/issues/42/commit.json", json=body())
    gateway.commit(FakeTicket.at().snapshot, IssueChange(status="status:pengesahan"), state())
    assert json.loads(sent.calls[0].request.body)["changes"] == {"status_id": 13}


@pytest.mark.parametrize(("roles", "connector"), [([20], False), ([21], True)])
def test_the_connector_is_known_by_its_role(
    gateway: RedmineGateway, web: Any, roles: list[int], connector: bool
) -> None:
    answer = body()
    answer["journals"][0]["roles"] = roles
    web.get(f"{URL}/sop/issues/42.json", json=answer)
    read = gateway.read(42)
    assert read is not None
    assert read.journals[0].by.connector is connector


def test_what_apply_has_not_made_yet_is_said_by_name(gateway: RedmineGateway, web: Any) -> None:
    before = FakeTicket.at().snapshot
    with pytest.raises(
        PermanentError, match=r"«status:pengesahan» belum ada di Redmine; .*«connector apply»"
    ):
        gateway.commit(before, IssueChange(status="status:pengesahan"), state())


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (409, {"errors": ["berubah"]}, ConflictError),
        (422, {"errors": []}, ConflictError),
        (422, {"errors": ["Status tidak berubah"]}, RefusedError),
        (503, {"errors": ["sibuk"]}, TransientError),
        (500, None, TransientError),
        (502, None, TransientError),
        (429, None, TransientError),
        (401, None, PermanentError),
        (403, None, PermanentError),
        (400, {"errors": ["salah"]}, PermanentError),
        (302, None, PermanentError),
    ],
)
def test_answers_are_errors_of_the_right_kind(
    gateway: RedmineGateway, web: Any, status: int, answer: dict[str, Any] | None, error: type[SopError]
) -> None:
    before: Snapshot = FakeTicket.at().snapshot
    web.post(f"{URL}/sop/issues/42/commit.json", json=answer, status=status)
    with pytest.raises(SopError) as caught:
        gateway.commit(before, IssueChange(), state())
    assert type(caught.value) is error


@pytest.mark.parametrize("failure", [requests.ConnectionError("rahasia"), requests.ReadTimeout("rahasia")])
def test_a_redmine_out_of_reach_is_transient_and_the_cause_is_not_quoted(
    gateway: RedmineGateway, failure: Exception
) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{URL}/sop/info.json", body=failure)
        with pytest.raises(TransientError) as caught:
            gateway.info()
    assert "rahasia" not in str(caught.value)


def test_every_call_has_a_time_limit(gateway: RedmineGateway, web: Any) -> None:
    gateway.info()
    assert web.calls[0].request.req_kwargs["timeout"] == (5, 60)


def test_a_taken_number_is_told_from_other_refusals(gateway: RedmineGateway, web: Any) -> None:
    web.post(f"{URL}/sop/issues.json", json={"errors": ["dipakai"]}, status=409)
    first = entered(RULES, state(), "periksa", state().received, given={}, journal=0)
    new = NewIssue("s", PROCEDURE, "judul", "isi", IssueChange(status="status:pemeriksaan"), first)
    with pytest.raises(NumberTakenError):
        gateway.create(new)


def test_the_feed_gives_issues_and_journals_with_theirs(gateway: RedmineGateway, web: Any) -> None:
    web.get(
        f"{URL}/sop/changes.json",
        json={
            "issues": [{"id": 4}],
            "journals": [{"id": 9, "issue_id": 3}],
            "last_issue": 4,
            "last_journal": 9,
            "now": "2026-11-23T02:05:00Z",
            "more": False,
        },
    )
    assert gateway.changes(1, 2) == FeedPage((4,), ((9, 3),), 4, 9, more=False)


def test_states_say_what_a_ticket_is_called_and_who_has_it(gateway: RedmineGateway, web: Any) -> None:
    person = {"id": 5, "name": "Budi", "type": "User", "roles": [20, 99]}
    row = {
        "issue_id": 42,
        "closed": False,
        "status_id": 11,
        "subject": "Jaringan mati",
        "assigned_to": person,
        "last_journal": 9,
        "cursor": 8,
        "number": "UJI-2026-000001",
        "submission": None,
        "data": state().model_dump(mode="json"),
    }
    web.get(f"{URL}/sop/states.json", json={"states": [row], "more": False})
    [found] = gateway.recent_states(dt.datetime(2026, 11, 23, 7, tzinfo=JAKARTA))
    assert (found.subject, found.status, found.closed) == ("Jaringan mati", "status:pemeriksaan", False)
    assert found.assignee == Assignee(id=5, name="Budi", is_group=False, roles=frozenset({"meja"}))
    asked = parse_qs(urlsplit(web.calls[-1].request.url).query)
    assert (asked["open"], asked["closed_since"]) == (["1"], ["2026-11-23T00:00:00Z"])
    [again] = gateway.states(open_only=True)
    assert again == found
    assert "closed_since" not in web.calls[-1].request.url


def test_the_id_of_an_object_of_ours(gateway: RedmineGateway, web: Any) -> None:
    assert gateway.object_id("tracker:uji:layanan") == 3
    assert gateway.object_id("query:uji:terlambat") is None


def test_a_file_that_was_deleted_is_not_there(gateway: RedmineGateway, web: Any) -> None:
    """Redmine keeps the number of a deleted attachment in its field."""
    answer = body()
    answer["files"] = []
    web.get(f"{URL}/sop/issues/42.json", json=answer)
    read = gateway.read(42)
    assert read is not None
    field = PROCEDURE.field("berita-acara")
    assert field is not None
    assert read.value(field) == ""


def test_a_person_without_a_name_is_somebody(gateway: RedmineGateway, web: Any) -> None:
    answer = body()
    answer["journals"][0]["user"] = {"id": 5, "name": None}
    web.get(f"{URL}/sop/issues/42.json", json=answer)
    read = gateway.read(42)
    assert read is not None
    assert read.journals[0].by.name == ""


def test_a_page_instead_of_json_is_a_failure_for_now(gateway: RedmineGateway, web: Any) -> None:
    """A proxy's maintenance page comes with a 200."""
    web.get(f"{URL}/sop/issues/42.json", body="<html>Sedang dirawat</html>")
    with pytest.raises(TransientError) as caught:
        gateway.read(42)
    assert "dirawat" not in str(caught.value)


# files ----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_read_in_parts_is_uploaded_with_its_length(gateway: RedmineGateway, web: Any) -> None:
    content = Bytes(bytes(range(256)) * 4096)
    taken: list[bytes] = []

    def take(request: Any) -> tuple[int, dict[str, str], str]:
        assert request.headers["Content-Length"] == str(len(content))
        assert "Transfer-Encoding" not in request.headers
        taken.append(request.body)
        return 201, {}, json.dumps({"upload": {"token": "7.abc"}})

    web.add_callback("POST", f"{URL}/uploads.json", callback=take)
    uploaded = gateway.upload("bukti.pdf", "application/pdf", content)
    assert (uploaded.token, uploaded.filename) == ("7.abc", "bukti.pdf")
    assert taken == [bytes(range(256)) * 4096]


def test_further_files_are_named_to_the_plugin(gateway: RedmineGateway, web: Any) -> None:
    more = Uploaded("7.abc", "bukti-2.pdf", "application/pdf", "Bukti pendukung")
    wished = translate.wishes(Keys(ids=IDS), IssueChange(attachments=(more,)))
    assert wished["field_files"] == []
    assert wished["uploads"] == [
        {
            "token": "7.abc",
            "filename": "bukti-2.pdf",
            "content_type": "application/pdf",
            "description": "Bukti pendukung",
        }
    ]
