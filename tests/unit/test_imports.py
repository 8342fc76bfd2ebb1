"""The rules of who may import what (DESIGN: layout). Read from the source by `ast`; nothing is imported here.

Each rule is data; a new adapter or a new pure package is one line. `violations` takes sources, so that the
rules themselves are tried on modules that break them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("connector", "webhooks")

# Decide, and touch nothing: no I/O, no clock, no environment, no chance, no log.
PURE = (
    *("connector.sop", "connector.engine", "connector.diagram", "connector.errors"),
    *("webhooks.signature", "webhooks.payload", "webhooks.alert"),
)
PURE_LIBRARIES = ("pydantic",)
IMPURE_STDLIB = frozenset(
    {
        *("asyncio", "concurrent", "multiprocessing", "queue", "sched", "selectors", "signal", "threading"),
        *("builtins", "ctypes", "importlib", "runpy", "subprocess"),
        *(
            "fcntl",
            "getpass",
            "glob",
            "locale",
            "logging",
            "os",
            "pathlib",
            "platform",
            "sys",
            "syslog",
            "time",
        ),
        *(
            "ftplib",
            "http.client",
            "http.server",
            "imaplib",
            "poplib",
            "smtplib",
            "socket",
            "socketserver",
            "ssl",
        ),
        *("mmap", "shelve", "shutil", "sqlite3", "tempfile", "urllib.request", "webbrowser", "xmlrpc"),
        *("random", "secrets"),
    }
)
IMPURE_NAMES = frozenset(
    {
        *(
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
        ),
        *("uuid.uuid1", "uuid.uuid4"),
    }
)
IMPURE_BUILTINS = frozenset({"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"})
# Those that read: mapping files are YAML.
PURE_EXCEPTIONS: Mapping[str, frozenset[str]] = {
    "connector.sop.loader": frozenset({"pathlib"}),
    "connector.sop.document": frozenset({"yaml", "pathlib"}),
}


@dataclass(frozen=True)
class Confined:
    """`target` (a module or package, with all below it) is imported by `importers` only."""

    target: str
    importers: tuple[str, ...]


# The cli starts what bootstrap builds; `connector.redmine` is the adapter package of the gateway.
BUILDERS = ("connector.bootstrap", "connector.commands", "connector.cli")
CONFINED = (
    Confined("redminelib", ("connector.redmine.gateway",)),
    Confined("connector.redmine.gateway", ("connector.redmine", *BUILDERS)),
    Confined("connector.store", ("connector.store", *BUILDERS)),
    Confined("connector.notify.smtp", ("connector.notify", *BUILDERS)),
    Confined("smtplib", ("connector.notify.smtp",)),
    Confined("typst", ("connector.documents.renderer",)),
    Confined("connector.bootstrap", BUILDERS),
)


def is_below(name: str, *parents: str) -> bool:
    return any(name == parent or name.startswith(parent + ".") for parent in parents)


# reading ----------------------------------------------------------------------------------------------------


def sources() -> dict[str, str]:
    """Every Python module of the project by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "redmine_sop" in path.parts:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text(encoding="utf-8")
    return found


@dataclass(frozen=True)
class Import:
    line: int
    name: str  # what is imported: `os.path` for `import os.path` and for `from os import path`
    local: str  # the name it gets here
    bound: str  # what that name stands for: `os` for `import os.path`


def imports(module: str, tree: ast.AST, *, is_package: bool) -> Iterator[Import]:
    """Every import, nested ones too, relative ones resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.split(".")[0]
                yield Import(
                    node.lineno, alias.name, alias.asname or head, alias.name if alias.asname else head
                )
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")
                keep = len(parents) - node.level + (1 if is_package else 0)
                base = ".".join([*parents[:keep], *([base] if base else [])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield Import(node.lineno, name, alias.asname or alias.name, name)


def dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (value := dotted(node.value)):
        return f"{value}.{node.attr}"
    return None


def used_names(module: str, tree: ast.AST, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of every name used; aliases resolved: `dt.now` is `datetime.datetime.now`."""
    bound = {each.local: each.bound for each in imports(module, tree, is_package=is_package)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and (name := dotted(node)):
            head, *rest = name.split(".")
            yield node.lineno, ".".join([bound.get(head, head), *rest])


# the rules --------------------------------------------------------------------------------------------------


def impure(module: str, tree: ast.AST, *, is_package: bool) -> Iterator[tuple[int, str]]:
    excepted = PURE_EXCEPTIONS.get(module, frozenset())
    for each in imports(module, tree, is_package=is_package):
        line, name = each.line, each.name
        if is_below(name, *excepted) or is_below(name, "__future__", *PURE, *PURE_LIBRARIES):
            continue
        if is_below(name, *IMPURE_STDLIB):
            yield line, f"imports {name}: it reaches out of the pure core"
        elif is_below(name, *IMPURE_NAMES):
            yield line, f"imports {name}: `now` and chance are passed in"
        elif name.split(".")[0] not in sys.stdlib_module_names:
            yield (
                line,
                f"imports {name}: only the standard library, pydantic and the pure core itself are allowed",
            )
    for line, name in used_names(module, tree, is_package=is_package):
        if name in IMPURE_NAMES:
            yield line, f"uses {name}: `now` and chance are passed in"
        elif name in IMPURE_BUILTINS:
            yield line, f"uses {name}(): no I/O in the pure core"


def violations(modules: Mapping[str, str]) -> list[str]:
    found = []
    for module, source in modules.items():
        tree = ast.parse(source)
        package = is_package(module, modules)
        if is_below(module, *PURE):
            found += [f"{module}:{line} {why}" for line, why in impure(module, tree, is_package=package)]
        for each in imports(module, tree, is_package=package):
            found += [
                f"{module}:{each.line} imports {each.name}: only {', '.join(rule.importers)} may"
                for rule in CONFINED
                if is_below(each.name, rule.target) and not is_below(module, *rule.importers)
            ]
    return sorted(set(found))


def is_package(module: str, modules: Mapping[str, str]) -> bool:
    return any(other != module and is_below(other, module) for other in modules)


def imported_names(module: str, source: str, modules: Mapping[str, str]) -> set[str]:
    return {each.name for each in imports(module, ast.parse(source), is_package=is_package(module, modules))}


def substance(source: str) -> bool:
    """Whether a module holds more than docstrings and `__future__`."""
    return any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
        for node in ast.parse(source).body
    )


# the project ------------------------------------------------------------------------------------------------


def test_every_import_keeps_to_the_rules() -> None:
    assert violations(sources()) == []


@pytest.mark.parametrize("name", PURE)
def test_a_pure_package_is_there_to_be_checked(name: str) -> None:
    modules = {module: text for module, text in sources().items() if is_below(module, name)}
    assert modules, f"{name} is not there: the rule checks nothing; rename it here too"
    assert any(substance(text) for text in modules.values()), f"{name} is empty: the rule checks nothing"


@pytest.mark.parametrize("rule", CONFINED, ids=lambda rule: rule.target)
def test_a_confined_import_is_made_where_it_is_allowed(rule: Confined) -> None:
    modules = sources()
    users = [
        module
        for module, text in modules.items()
        if is_below(module, *rule.importers)
        and any(is_below(name, rule.target) for name in imported_names(module, text, modules))
    ]
    assert users, f"nothing imports {rule.target}: the rule checks nothing"


@pytest.mark.parametrize("module", PURE_EXCEPTIONS)
def test_an_exception_is_still_needed(module: str) -> None:
    modules = sources()
    names = imported_names(module, modules[module], modules)
    for library in PURE_EXCEPTIONS[module]:
        assert any(is_below(name, library) for name in names), f"{module} no longer imports {library}"


# the rules themselves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("connector.engine.plan", "import os", "imports os"),
        ("connector.engine.plan", "def f():\n    import time", "imports time"),
        ("connector.engine.plan", "from os import environ", "imports os.environ"),
        ("connector.engine.plan", "import os.path as p", "imports os.path"),
        ("connector.engine.plan", "import flask", "imports flask"),
        ("connector.engine.plan", "from urllib.request import urlopen", "imports urllib.request.urlopen"),
        ("connector.engine.plan", "from urllib import request", "imports urllib.request"),
        (
            "connector.engine.plan",
            "from connector.settings import Settings",
            "imports connector.settings.Settings",
        ),
        ("connector.engine.plan", "from connector import settings", "imports connector.settings"),
        ("connector.engine.plan", "from ..settings import Settings", "imports connector.settings.Settings"),
        ("connector.engine.plan", "from .. import worker", "imports connector.worker"),
        (
            "connector.engine.plan",
            "from datetime import datetime as dt\nx = dt.now(None)",
            "uses datetime.datetime.now",
        ),
        (
            "connector.engine.plan",
            "import datetime\nx = datetime.datetime.utcnow()",
            "uses datetime.datetime.utcnow",
        ),
        ("connector.engine.plan", "import datetime as d\nx = d.date.today()", "uses datetime.date.today"),
        (
            "connector.engine.plan",
            "from datetime import datetime\nf = datetime.now",
            "uses datetime.datetime.now",
        ),
        ("connector.engine.plan", "from uuid import uuid4", "imports uuid.uuid4"),
        ("connector.engine.plan", "x = open('f')", "uses open()"),
        ("connector.engine.plan", "import yaml", "imports yaml"),
        ("connector.sop.loader", "import os", "imports os"),
        ("connector.errors", "import logging", "imports logging"),
        ("webhooks.signature", "import requests", "imports requests"),
        ("webhooks.payload", "from connector.store import inbox", "imports connector.store.inbox"),
        ("connector.portal.views", "import redminelib", "only connector.redmine.gateway may"),
        (
            "connector.redmine.provision",
            "from redminelib import Redmine",
            "only connector.redmine.gateway may",
        ),
        (
            "connector.portal.views",
            "from connector.redmine.gateway import Gateway",
            "only connector.redmine, ",
        ),
        ("connector.portal.views", "from connector.store.inbox import Inbox", "only connector.store, "),
        ("webhooks.blueprint", "import connector.bootstrap", "only connector.bootstrap, "),
    ],
)
def test_an_offending_module_is_found(module: str, source: str, expected: str) -> None:
    found = violations({module: source})
    assert found, "not found"
    assert any(expected in line for line in found), found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "connector.engine.plan",
            "from __future__ import annotations\nimport datetime, json, hashlib, re, uuid",
        ),
        (
            "connector.engine.plan",
            "from connector.sop.model import Step\nfrom connector.errors import SopError",
        ),
        ("connector.engine.plan", "from pydantic import BaseModel\nfrom . import sla\nfrom .sla import due"),
        ("connector.engine.plan", "from datetime import datetime\nx = datetime.fromisoformat('2026-11-20')"),
        ("connector.engine.plan", "def f(now, clock):\n    return now.today + clock.now()"),
        ("connector.engine.plan", "from urllib.parse import quote\nfrom http import HTTPStatus"),
        ("connector.sop.document", "import yaml\nfrom pathlib import Path"),
        ("webhooks.signature", "import hmac\nfrom connector.errors import PermanentError"),
        (
            "connector.bootstrap",
            "from connector.store.inbox import Inbox\nfrom connector.redmine.gateway import Gateway",
        ),
        ("connector.redmine.gateway", "import redminelib\nimport os, time"),
        ("connector.worker", "import os, time\nfrom connector.engine.plan import plan"),
    ],
)
def test_a_good_module_is_left_alone(module: str, source: str) -> None:
    assert violations({module: source}) == []


def test_a_relative_import_in_a_package_is_resolved() -> None:
    package = {
        "connector.engine": "from .plan import plan\nfrom ..store import x",
        "connector.engine.plan": "",
    }
    found = violations(package)
    assert len(found) == 2
    assert all(line.startswith("connector.engine:2 imports connector.store.x: only ") for line in found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", False),
        ('"""Words."""\nfrom __future__ import annotations\n', False),
        ("x = 1", True),
        ("import a", True),
    ],
)
def test_substance(source: str, expected: bool) -> None:
    assert substance(source) is expected
