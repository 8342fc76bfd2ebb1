"""The index of surveys (IKM), by Permenpan RB 14/2017."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.survey import ikm
from connector.sop.marks import mark_of

ELEMENTS = tuple(f"u{n}" for n in range(1, 10))
MARKS = st.dictionaries(st.sampled_from(ELEMENTS), st.integers(1, 4), min_size=1)


def test_the_index_is_the_mean_of_the_elements_means_times_25() -> None:
    # u1: (4 + 2) / 2 = 3, u2: 3; mean 3 -> 75
    assert ikm([{"u1": 4, "u2": 3}, {"u1": 2, "u2": 3}]) == 75.0
    assert ikm([dict.fromkeys(ELEMENTS, 4)]) == 100.0
    assert ikm([dict.fromkeys(ELEMENTS, 1)]) == 25.0


def test_nothing_said_is_no_index() -> None:
    assert ikm([]) is None
    assert ikm([{}]) is None


@given(st.lists(MARKS, min_size=1))
def test_the_index_is_between_25_and_100(surveys: list[dict[str, int]]) -> None:
    found = ikm(surveys)
    assert found is not None
    assert 24.99 < found < 100.01


@pytest.mark.parametrize(
    ("choice", "mark"), [("4 Sangat baik", 4), ("1 Tidak baik", 1), ("5 Luar biasa", 0), ("Baik", 0), ("", 0)]
)
def test_a_choice_has_its_mark(choice: str, mark: int) -> None:
    assert mark_of(choice) == mark
