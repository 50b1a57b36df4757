"""Every route has an access policy, resolves in templates, and changes nothing by a GET."""

from __future__ import annotations

import re

import pytest
from apiflask import APIFlask

from app import create_app
from app.core.access import Access, policy_of
from config import ROOT, read_settings
from tests.support.databases import SECRETS

GIVEN_BY_FRAMEWORK = {"static", "openapi.spec"}
ENDPOINT = re.compile(r"""(?:url_for|nav_link)\(\s*['"]([a-z_]+\.[a-z_]+|static)['"]""")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.fixture(scope="module")
def routes() -> APIFlask:
    return create_app(read_settings({**SECRETS, "DATABASE_URL": "sqlite:////nowhere/lectern.db", "LOG_LEVEL": "ERROR"}))


def test_each_route_has_a_policy(routes: APIFlask) -> None:
    without = {
        rule.endpoint
        for rule in routes.url_map.iter_rules()
        if rule.endpoint not in GIVEN_BY_FRAMEWORK and policy_of(rule.endpoint) is None
    }
    assert without == set()


def test_desk_pages_are_for_signed_in_people_only(routes: APIFlask) -> None:
    for rule in routes.url_map.iter_rules():
        if rule.rule.startswith("/desk"):
            assert policy_of(rule.endpoint) in (Access.SIGNED_IN, Access.ADMINISTRATOR), rule


def test_machines_find_json_under_api_only(routes: APIFlask) -> None:
    for rule in routes.url_map.iter_rules():
        if policy_of(rule.endpoint) == Access.DEVICE:
            assert rule.rule.startswith("/api/v1/"), rule


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_endpoint_named_in_a_template_exists(path, routes: APIFlask) -> None:  # type: ignore[no-untyped-def]
    for endpoint in ENDPOINT.findall(path.read_text("utf-8")):
        assert endpoint in routes.view_functions, f"{path.name} links to {endpoint}"


def test_the_api_describes_itself_and_nothing_else(routes: APIFlask) -> None:
    spec = routes.test_client().get("/api/openapi.json", headers={"Host": "127.0.0.1"}).get_json()
    assert spec["openapi"].startswith("3.1")
    assert spec["paths"]
    assert all(path.startswith("/api/v1/") for path in spec["paths"])
