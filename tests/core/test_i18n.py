"""Texts in templates, of pages and of mails."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from jinja2 import Environment

from app.core.i18n import gettext, in_language
from app.messaging import letters

MEETINGS = (
    "{{ ngettext('%(num)d meeting, until %(date)s', '%(num)d meetings, until %(date)s', count, date='3 December') }}"
)


@pytest.fixture(params=["pages", "mails"])
def environment(request: pytest.FixtureRequest, app: APIFlask, context: None) -> Environment:
    """What templates of this kind are rendered by."""
    return app.jinja_env if request.param == "pages" else letters._environment()


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("en", 1, "1 meeting, until 3 December"),
        ("en", 4, "4 meetings, until 3 December"),
        ("ru", 1, "1 встреча, последняя\u00a0— 3 December"),
        ("ru", 5, "5 встреч, последняя\u00a0— 3 December"),
    ],
)
def test_a_plural_form_takes_more_than_its_number(
    environment: Environment, language: str, count: int, words: str
) -> None:
    with in_language(language):
        assert environment.from_string(MEETINGS).render(count=count) == words


def test_a_percent_sign_stays_one(environment: Environment) -> None:
    with in_language("en"):
        text = environment.from_string("{{ ngettext('%(num)d%% full', '%(num)d%% full', 80) }}").render()
    assert text == "80% full"


@pytest.mark.usefixtures("context")
def test_after_a_block_the_former_language_is_spoken_again_whatever_happened() -> None:
    with in_language("ru"):
        assert gettext("Events") == "События"
        with pytest.raises(ZeroDivisionError), in_language("en"):
            assert 1 / (gettext("Events") != "Events")
        assert gettext("Events") == "События"
    with in_language("en"):
        assert gettext("Events") == "Events"


def test_what_is_filled_into_a_text_of_a_page_is_escaped(environment: Environment) -> None:
    page = environment.from_string("{% autoescape true %}{{ _('Sign up at %(site)s', site='<b>') }}{% endautoescape %}")
    with in_language("en"):
        assert page.render() == "Sign up at &lt;b&gt;"
