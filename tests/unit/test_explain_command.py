"""`connector explain` of tickets that the connector cannot go on with: the ledger is told all the same."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner, Result

from connector.bootstrap import Application
from connector.cli import main
from connector.engine.snapshot import Snapshot
from connector.settings import Settings
from tests.unit.supervision.sample import at
from tests.world import SECRET, World

ISSUE = 44


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A Redmine with one ticket of the second procedure of UNJ."""
    for name in [each for each in os.environ if each.startswith("SOP_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "SOP_REDMINE_URL": "http://redmine.contoh.id",
        "SOP_REDMINE_API_KEY": "kunci",
        "SOP_PROFILES": "unj",
        "SOP_SECRET_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    found = World()
    found.clock.now = at(20, 9)
    found.submit()
    found.work()
    assert list(found.redmine.issues) == [ISSUE]

    def application(settings: Settings) -> Application:
        made = Application(settings, clock=found.clock)
        made.__dict__.update(redmine=found.redmine)
        return made

    monkeypatch.setattr("connector.commands.explaining.Application", application)
    return found


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["explain", *words])


def changed(world: World, **state: object) -> None:
    """The ticket with another state, as another mapping left it."""
    found: Snapshot = world.redmine.issues[ISSUE]
    assert found.state is not None
    update = {"state": found.state.model_copy(update=state)}
    world.redmine.issues[ISSUE] = found.model_copy(update=update)


def test_a_ticket_that_all_is_well_with(world: World) -> None:
    shown = run(str(ISSUE))
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "Buku waktu (WIB)" in shown.stdout


def test_one_in_a_step_that_is_gone_without_a_word_of_where_to_go(world: World) -> None:
    state = world.redmine.issues[ISSUE].state
    assert state is not None
    changed(world, stays=(*state.stays[:-1], state.stays[-1].model_copy(update={"step": "hilang"})))
    shown = run(str(ISSUE))
    assert shown.exit_code == 1
    assert "Buku waktu (WIB)" in shown.stdout
    assert "tidak dapat mengolah tiket ini" in shown.stderr
    assert "moved_to" in shown.stderr


def test_one_that_comes_from_a_procedure_that_is_gone(world: World) -> None:
    changed(world, procedure="unj/dahulu")
    for words in ((str(ISSUE),), (str(ISSUE), "--format", "json")):
        shown = run(*words)
        assert shown.exit_code == 1
        assert "UNJ-2026-000001" in shown.stdout
        assert "POS unj/dahulu, yang tidak ada dalam pemetaan" in shown.stderr
