"""The guide to the next POS, read as its reader does: the commands to give, and the parts to put into the file."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "panduan-pos-baru.md"
PROFILE, PROCEDURE = "unj", "pengajuan-subdomain"


def commands() -> list[list[str]]:
    """Every command `connector …`, in order."""
    lines = "\n".join(_blocks("sh")).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("connector ")]


def edited(text: str) -> str:
    """The file with the parts that the guide replaces."""
    for block in _blocks("yaml"):
        for key, part in _parts(block).items():
            found = _parts(text)
            assert key in found, key
            text = text.replace(found[key], part)
    return text


def words() -> str:
    """All of it."""
    return GUIDE.read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", words(), re.MULTILINE | re.DOTALL)


def _parts(text: str) -> dict[str, str]:
    """The top-level keys of a YAML text, each with all that belongs to it."""
    parts = re.finditer(r"^([a-z_]+):.*\n(?:(?: .*)?\n)*", text, re.MULTILINE)
    return {part[1]: part[0] for part in parts}
