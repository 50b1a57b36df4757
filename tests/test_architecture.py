"""The house rules of docs/architecture.md, read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT

LAYERS = (
    ("core",),
    ("messaging",),
    ("accounts",),
    ("catalogue",),
    ("registration",),
    ("attendance",),
    ("campaigns", "certificates", "feedback", "calendars"),
    ("privacy",),
    ("reports", "exchange"),
    ("desk", "api"),
)
HEIGHT = {domain: height for height, layer in enumerate(LAYERS) for domain in layer}
FACES = ("desk", "api")
WITHOUT_WEB = (
    "models",
    "rules",
    "operations",
    "queries",
    "messages",
    "ics",
    "syndication",
    "seats",
    "tickets",
    "entries",
    "derive",
)
WEB = ("flask", "flask_login", "wtforms", "werkzeug", "apiflask")
FORBIDDEN_NAMES = ("utils", "helpers", "common", "misc", "manager", "base_service")
START = ("app/__init__.py", "app/registry.py", "app/cli.py")

SOURCES = sorted(path for path in (ROOT / "app").rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The modules that a file imports, each with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, []
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, [alias.name for alias in node.names]


def domain_of(path: Path) -> str | None:
    parts = path.relative_to(ROOT / "app").parts
    return parts[0] if len(parts) > 1 else None


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_arrows_go_down_only(path: Path) -> None:
    domain = domain_of(path)
    if domain is None:
        assert name_of(path) in START
        return
    for module, _names in imports_of(path):
        parts = module.split(".")
        if parts[0] != "app" or len(parts) < 2 or parts[1] == domain:
            continue
        if name_of(path) == "app/messaging/worker.py" and module == "app":
            continue
        assert parts[1] in HEIGHT, f"{module} is no domain"
        assert HEIGHT[parts[1]] < HEIGHT[domain], f"{domain} imports {module}, which lies as high or higher"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nobody_imports_views_or_private_names_of_another_domain(path: Path) -> None:
    domain = domain_of(path)
    for module, names in imports_of(path):
        parts = module.split(".")
        if domain is None or parts[0] != "app" or len(parts) < 2 or parts[1] == domain:
            continue
        assert not any(part.startswith("_") for part in (*parts, *names)), f"{module} {names}"
        assert "views" not in parts, module
        assert "forms" not in parts or domain in FACES or parts[1] == "core", module
        assert parts[1] not in FACES, f"{module}: faces are imported by nobody"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_business_code_knows_no_web(path: Path) -> None:
    parts = path.relative_to(ROOT / "app").with_suffix("").parts
    if domain_of(path) in ("core", None) or not set(parts[1:]) & set(WITHOUT_WEB):
        return
    for module, _names in imports_of(path):
        assert module.split(".")[0] not in WEB, f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_have_names_from_the_field_and_one_subject(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text("utf-8").splitlines()) <= 400, "a file that long holds two things"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_delivery_opens_smtp(path: Path) -> None:
    if name_of(path) == "app/messaging/mail.py":
        return
    modules = {module.split(".")[0] for module, _names in imports_of(path)}
    assert not modules & {"smtplib", "requests", "httpx", "http.client"}


def test_no_select_for_update_but_the_workers_lease() -> None:
    places = [name_of(path) for path in SOURCES if "with_for_update" in path.read_text("utf-8")]
    assert places == ["app/messaging/delivery.py"]


def test_only_the_ledger_writes_the_counters() -> None:
    """`taken` and `waiting` are moved by `registration/seats` alone."""
    for path in SOURCES:
        if name_of(path).startswith("app/registration/seats/"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
                written = {keyword.arg for keyword in node.keywords}
                assert not written & {"taken", "waiting", "fewest"}, f"{name_of(path)}:{node.lineno}"
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Attribute):
                        assert target.attr not in ("taken", "waiting", "fewest"), f"{name_of(path)}:{node.lineno}"


def test_savepoints_begin_in_one_place() -> None:
    """`transaction()` sets them at once; the session's own way waits, and lean statements would come before it."""
    places = [name_of(path) for path in SOURCES if ".begin_nested(" in path.read_text()]
    assert places == ["app/core/db.py"]


def test_views_never_commit() -> None:
    for path in SOURCES:
        if "views" in path.parts or path.stem.endswith("views"):
            text = path.read_text("utf-8")
            assert ".commit(" not in text, name_of(path)
            assert "transaction()" not in text, name_of(path)


def test_no_text_hides_from_the_translators_in_an_f_string() -> None:
    """Babel reads no calls inside one, so such a text would stay English for everybody."""
    hidden = [name_of(path) for path in SOURCES if _calls_in_f_strings(path) & {"_", "_l", "gettext", "ngettext"}]
    assert hidden == []


def _calls_in_f_strings(path: Path) -> set[str]:
    strings = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.JoinedStr)]
    calls = [node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call)]
    return {node.func.id for node in calls if isinstance(node.func, ast.Name)}
