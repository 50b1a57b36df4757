"""A test client that looks at every page it gets, as a careful reader would."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.sign_in_cookie import COOKIE_NAMES
from app.catalogue.ics.lint import lint_calendar
from tests.readers.atom import problems
from tests.support.cast import PASSWORD

XHTML = "{http://www.w3.org/1999/xhtml}"
LABELLED = ("input", "select", "textarea")
NEEDS_NO_LABEL = ("hidden", "submit", "button", "image", "reset")


class Page:
    """An HTML answer, parsed; making one checks it."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.get_data(as_text=True)
        parser = html5lib.HTMLParser(strict=False)
        self.tree = parser.parse(self.text)
        self.problems = [f"{code} at {place}" for place, code, _more in parser.errors]
        self.check()

    def all(self, tag: str) -> list[Any]:
        """All elements with this tag."""
        return list(self.tree.iter(f"{XHTML}{tag}"))

    @property
    def words(self) -> str:
        """The text of the page's body, white space folded."""
        body = self.all("body")[0]
        return " ".join(" ".join(body.itertext()).split())

    @property
    def h1(self) -> str:
        """The main heading."""
        return " ".join(" ".join(self.all("h1")[0].itertext()).split())

    def links(self) -> list[str]:
        """Where the page leads."""
        return [a.get("href") for a in self.all("a") if a.get("href")]

    def fields(self) -> dict[str, str]:
        """The values of the page's form, ready to be sent back."""
        values = {}
        for element in self.all("input"):
            kind = element.get("type", "text")
            if element.get("name") and (kind not in ("checkbox", "radio") or element.get("checked") is not None):
                values[element.get("name")] = element.get("value", "")
        for element in self.all("textarea"):
            values[element.get("name")] = "".join(element.itertext()).removeprefix("\n")
        for element in self.all("select"):
            options = list(element.iter(f"{XHTML}option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            if chosen:
                values[element.get("name")] = chosen[0].get("value", "")
        return values

    def check(self) -> None:
        """Fail when the page has what no page may have."""
        assert not self.problems, f"invalid HTML: {self.problems[:5]}"
        html = self.all("html")[0]
        assert html.get("lang") in ("en", "ru"), "the page has no language"
        assert "".join(self.all("title")[0].itertext()).strip(), "the page has no title"
        assert len(self.all("h1")) == 1, f"the page has {len(self.all('h1'))} h1"
        ids = Counter(element.get("id") for element in self.tree.iter() if element.get("id"))
        assert not [name for name, count in ids.items() if count > 1], f"doubled ids: {ids.most_common(3)}"
        self._check_labels(set(ids))
        self._check_policy()

    def _check_labels(self, ids: set[str]) -> None:
        labels = {label.get("for") for label in self.all("label")}
        inside = {id(child) for label in self.all("label") for child in label.iter()}
        for tag in LABELLED:
            for element in self.all(tag):
                if element.get("type") in NEEDS_NO_LABEL:
                    continue
                named = element.get("id") in labels or id(element) in inside or element.get("aria-label")
                assert named, f"<{tag} name={element.get('name')}> has no label"
                for described in (element.get("aria-describedby") or "").split():
                    assert described in ids, f"aria-describedby names {described}, which isn't there"
        for name in labels:
            assert name is None or name in ids, f"a label is for {name}, which isn't there"

    def _check_policy(self) -> None:
        policy = self.response.headers.get("Content-Security-Policy", "")
        assert "script-src 'self'" in policy, "the page has no strict policy"
        assert "unsafe-inline" not in policy
        for element in self.tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert element.get("style") is None, f"{element.tag} has a style attribute"
            handlers = [name for name in element.attrib if re.match(r"on[a-z]+$", str(name))]
            assert not handlers, f"{element.tag} has {handlers}"
        for script in self.all("script"):
            data = script.get("type") in ("application/ld+json", "application/json")
            assert script.get("src") or data, "an inline script"
        assert not self.all("style"), "an inline style sheet"


def check_calendar(response: TestResponse) -> None:
    """Fail when a calendar that somebody was given has what no calendar may have."""
    path = response.request.path
    findings = lint_calendar(
        response.data,
        is_feed=not path.startswith(("/e/", "/r/", "/letters/")),
        is_public=not path.startswith(("/cal/", "/r/", "/letters/")),
    )
    assert findings == [], f"{path}: {findings}"


def check_atom(response: TestResponse) -> None:
    """Fail when a feed for news readers is none."""
    found = problems(response.data)
    assert found == [], f"{response.request.path}: {found}"


class Client(FlaskClient):
    """Flask's client that sends what browsers send and checks every HTML page."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """As Flask's, from a page of ours unless told otherwise; checks HTML answers."""
        kwargs.setdefault("base_url", "http://127.0.0.1:5000")
        headers = dict(kwargs.pop("headers", None) or {})
        headers.setdefault("Sec-Fetch-Site", "same-origin")
        kwargs["headers"] = {name: value for name, value in headers.items() if value is not None}
        response = super().open(*args, **kwargs)
        assert response.status_code < 500 or response.status_code == 503, response.get_data(as_text=True)[:500]
        is_page = response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 307, 308)
        in_frame = "sandbox" in response.headers.get("Content-Security-Policy", "")
        if is_page and not in_frame and kwargs.get("method") != "HEAD":
            Page(response)
        if response.data and not response.headers.get("Content-Encoding"):
            check = {"text/calendar": check_calendar, "application/atom+xml": check_atom}.get(response.mimetype)
            if check:
                check(response)
        return response

    def page(self, address: str, *, status: int = 200, **query: str) -> Page:
        """Get a page and check it."""
        response = self.get(address + (f"?{urlencode(query)}" if query else ""))
        assert response.status_code == status, f"{address}: {response.status_code}"
        return Page(response)

    def send(self, address: str, values: dict[str, Any] | None = None, *, status: int = 303) -> TestResponse:
        """Post a form."""
        response = self.post(address, data=values or {})
        assert response.status_code == status, (
            f"{address}: {response.status_code} {response.get_data(as_text=True)[:2000]}"
        )
        return response

    def sign_in(self, who: str) -> None:
        """Sign in as one of the cast."""
        from app.accounts.operations import sign_in_with_password

        with self.application.app_context():
            token = sign_in_with_password(email=f"{who}@example.org", password=PASSWORD, browser="Test")
        self.set_cookie(COOKIE_NAMES[1], token, domain="127.0.0.1")
