"""A YAML file with the place of everything in it, so that an error can say where it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

#: libyaml's, eight times as fast, where PyYAML was built with it.
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Keys and positions that lead to a value: ("steps", 3, "needs", 0).
Where = tuple[str | int, ...]
#: What is wrong, and where.
Finding = tuple[Where, str]


def _compose(text: str) -> Node | None:
    try:
        found: Node | None = yaml.compose(text, Loader=FAST)
    except yaml.YAMLError:
        # PyYAML's own words are the clearer ones
        found = yaml.compose(text, Loader=yaml.SafeLoader)
    return found


@dataclass
class Document:
    """What a file says, and where; findings gather until all are known."""

    path: Path
    shown: str
    data: Any = None
    findings: list[str] = field(default_factory=list)
    _places: dict[Where, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, root: Path) -> Document:
        """Read a file; what is wrong with it as YAML is in `findings`."""
        document = cls(path=path, shown=str(path.relative_to(root)))
        try:
            text = path.read_text(encoding="utf-8")
            node = _compose(text)
        except UnicodeDecodeError as error:
            document.findings.append(f"{document.shown}:1:1: bukan teks UTF-8 (bita ke-{error.start + 1})")
            return document
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            document.findings.append(
                f"{document.shown}:{line}:{column}: bukan YAML yang sah: {error.problem}"
            )
            return document
        except yaml.YAMLError as error:
            document.findings.append(f"{document.shown}:1:1: bukan YAML yang sah: {error}")
            return document
        if node is None:
            document.findings.append(f"{document.shown}:1:1: berkas ini kosong")
            return document
        document.data = document._build(node, ())
        return document

    def find(self, where: Where, message: str) -> None:
        """Note a finding at the place of `where`, or of the nearest thing around it."""
        line, column = self.place(where)
        text = f"{self.shown}:{line}:{column}: {message}"
        if text not in self.findings:
            self.findings.append(text)

    def place(self, where: Where) -> tuple[int, int]:
        """Line and column, from 1, of the nearest thing that has a place."""
        while where and where not in self._places:
            where = where[:-1]
        return self._places.get(where, (1, 1))

    def _build(self, node: Node, where: Where) -> Any:
        self._places[where] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, where)
        if isinstance(node, SequenceNode):
            return [self._build(each, (*where, position)) for position, each in enumerate(node.value)]
        return self._scalar(node, where)

    def _mapping(self, node: MappingNode, where: Where) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            at = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            self._places[*where, key, "?"] = at
            if key in built:
                first = self._places[*where, key]
                self._places[*where, key] = at
                self.find((*where, key), f"kunci «{key}» sudah ditulis pada baris {first[0]}")
                continue
            built[key] = self._build(value_node, (*where, key))
            if not isinstance(value_node, ScalarNode):
                self._places[*where, key] = at
        return built

    def _scalar(self, node: Node, where: Where) -> Any:
        try:
            return SafeConstructor().construct_object(node)
        except (ConstructorError, ValueError) as error:
            self.find(where, f"nilai «{node.value}» tidak dapat dibaca: {error}")
            return None


def meant(wrong: str, known: Iterable[str]) -> str:
    """`; mungkin maksud Anda «…»`, or nothing."""
    close = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"; mungkin maksud Anda «{close[0]}»" if close else ""


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is nobody's."""
    known = list(known)
    return f"{what} «{name}» tidak ada{meant(name, known)}"
