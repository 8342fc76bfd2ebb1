"""The layouts look as they did when they were looked at and found good."""

from __future__ import annotations

import copy

import pytest

from tests.adapters.documents.golden import DPI, FOLDER, PRINTED, difference, pictures, read
from tests.adapters.documents.printing import NOW, RENDERER, pages_of

#: Another release of poppler smooths differently; a line that moved changes more than this.
TOLERANCE = 0.0007
AGAIN = (
    "python -m tests.adapters.documents.golden makes the pictures anew; look at them before you commit them"
)


@pytest.mark.parametrize("name", PRINTED)
def test_a_layout_looks_as_it_did(name: str) -> None:
    found = dict(pictures(name))
    assert set(found) == set(FOLDER.glob(f"{name}-[0-9]*.png")), AGAIN
    for path, picture in found.items():
        assert difference(read(path), picture) <= TOLERANCE, f"{path.name}: {AGAIN}"


def test_a_row_more_or_a_name_less_is_seen() -> None:
    template, data = PRINTED["surat"]
    ((_, picture),) = pictures("surat")
    for change in ("row", "name"):
        other = copy.deepcopy(data)
        if change == "row":
            other["body"][1]["rows"].insert(1, {"label": "Baru", "value": "Satu baris"})
        else:
            other["signers"][0]["name"] = ""
        (page,) = pages_of(RENDERER.render(template, other, now=NOW), dpi=DPI)
        assert difference(picture, page) > TOLERANCE, change


def test_every_picture_is_of_something() -> None:
    names = {path.name.rpartition("-")[0] for path in FOLDER.glob("*.png")}
    assert names == set(PRINTED)
