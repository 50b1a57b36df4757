"""Atom and JSON as written: whatever people type comes back as they typed it, and the same facts are the same bytes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import markdown
from app.catalogue.syndication import FeedHead, FeedItem, Meeting, Place, clean, lasting_id, render_atom, render_json
from tests.readers.atom import problems

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://lectern.example"
MOSCOW = ZoneInfo("Europe/Moscow")
AT = datetime(2026, 5, 4, 10, 20, 30, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)

HEAD = FeedHead(
    id=lasting_id("feed"),
    name="Lectures · Lectern",
    language="en",
    site_name="Lectern",
    site_url=BASE,
    feed_url=f"{BASE}/events.atom?a=1&b=2",
    page_url=f"{BASE}/events?a=1&b=2",
    updated=AT,
)
MEETING = Meeting(
    uid="k@lectern.example",
    title="",
    cancelled=False,
    starts=datetime(2026, 12, 3, 18, 30, tzinfo=MOSCOW),
    ends=datetime(2026, 12, 3, 20, 0, tzinfo=MOSCOW),
    zone="Europe/Moscow",
    all_day=False,
    last_day=datetime(2026, 12, 3, tzinfo=MOSCOW).date(),
    modes=("in_person",),
    when="Thursday 3 December 2026, 18:30–20:00",
    where="The hall",
    place=Place(
        name="The hall", address="1 Harbour Street", district="North", point=(59.9, 30.3), url=f"{BASE}/venues/h"
    ),
)
ITEM = FeedItem(
    id=lasting_id("event 1"),
    url=f"{BASE}/e/stars",
    calendar_url=f"{BASE}/e/stars.ics",
    title="Stars",
    own_title="Stars",
    title_language="en",
    cancelled=False,
    published=AT,
    updated=AT,
    format="lecture",
    audience="anyone",
    topic="culture",
    event_language="en",
    tags=("Lecture",),
    modes=("in_person",),
    organization="harbour",
    organization_name="Harbour Club",
    organization_url=f"{BASE}/o/harbour",
    summary="Look up.",
    text_html="<p>Look up.</p>",
    price="",
    sign_up="here",
    sign_up_url=f"{BASE}/e/stars/sign-up",
    sign_up_opens=None,
    sign_up_closes=None,
    meetings=(MEETING,),
)


def entry_of(data: bytes) -> Any:
    (entry,) = ElementTree.fromstring(data).findall(f"{ATOM}entry")
    return entry


def seen(html: str) -> str:
    """The text that a reader of HTML sees."""
    return "".join(html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False).itertext())


@settings(max_examples=300, deadline=None)
@given(title=ANY_TEXT, summary=ANY_TEXT, place=ANY_TEXT, name=ANY_TEXT)
def test_any_text_comes_back_from_both_as_it_was_typed(title: str, summary: str, place: str, name: str) -> None:
    where = replace(MEETING, where=place, place=replace(MEETING.place, name=place))  # type: ignore[type-var]
    item = replace(
        ITEM, title=title, own_title=title, summary=summary, organization_name=name, tags=(title,), meetings=(where,)
    )
    head = replace(HEAD, name=name, note=summary)
    atom, feed = render_atom(head, [item]), json.loads(render_json(head, [item]))
    assert problems(atom) == []
    entry = entry_of(atom)
    assert entry.findtext(f"{ATOM}title") == clean(title) == feed["items"][0]["title"]
    assert (entry.findtext(f"{ATOM}summary") or "") == clean(summary) == feed["items"][0].get("summary", "")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == clean(name) == feed["title"]
    assert feed["items"][0]["_event"]["sessions"][0]["venue"]["name"] == clean(place)
    content = entry.findtext(f"{ATOM}content")
    assert content == feed["items"][0]["content_html"]
    assert "".join(seen(content).split()).endswith("".join(seen_by_html5(place).split()) + "Lookup.")


def seen_by_html5(text: str) -> str:
    """HTML's own parser turns a few code points into others; what it makes of plain text is the measure."""
    from xml.sax.saxutils import escape

    return seen(f"<p>{escape(clean(text))}</p>")


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_an_organizers_description_is_valid_in_both_and_does_no_harm(text: str) -> None:
    item = replace(ITEM, text_html=markdown.html(text), summary=markdown.plain(text))
    content = entry_of(render_atom(HEAD, [item])).findtext(f"{ATOM}content")
    assert content == json.loads(render_json(HEAD, [item]))["items"][0]["content_html"]
    assert content.endswith(clean(markdown.html(text)))
    assert not re.search(
        r"<(script|style|iframe|img|svg)|\son\w+=|javascript:", content.replace("&lt;", ""), re.IGNORECASE
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "</title><script>alert(1)</script>", "]]>", "<!--", "&lt;b&gt; &amp;", '"><x y="',
        "a\x00b\x0bc\ufffed\ud800e", "a\r\nb\rc",
    ],
)  # fmt: skip
def test_hostile_words_stay_words(hostile: str) -> None:
    item = replace(ITEM, title=hostile, tags=(hostile,), meetings=(replace(MEETING, where=hostile, title=hostile),))
    data = render_atom(replace(HEAD, name=hostile, feed_url=f"{BASE}/?q={hostile}"), [item])
    entry = entry_of(data)
    assert entry.findtext(f"{ATOM}title") == clean(hostile)
    assert [child.tag for child in entry] == [child.tag for child in entry_of(render_atom(HEAD, [ITEM]))]
    assert "<script" not in entry.findtext(f"{ATOM}content")
    assert json.loads(render_json(HEAD, [item]))["items"][0]["title"] == clean(hostile)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<updated>2026", b"<updated>26"), (b"<title>", b"<title/><title>"), (b" term=", b" label="),
        (b'rel="self"', b'rel="mine"'), (b"<id>urn:uuid:", b"<id>"), (b"</entry>", b"<price>1</price></entry>"),
        (b'type="text/calendar"', b'type="text/html"'), (b'type="html"', b'type="markdown"'),
    ],
)  # fmt: skip
def test_the_judge_of_atom_sees_what_is_wrong(right: bytes, wrong: bytes) -> None:
    data = render_atom(HEAD, [ITEM])
    assert problems(data) == []
    assert right in data
    assert problems(data.replace(right, wrong, 1)) != []


def test_an_id_that_stands_twice_is_seen() -> None:
    assert problems(render_atom(HEAD, [ITEM, ITEM])) != []


def test_what_xml_forbids_is_left_out_and_line_breaks_are_one_kind() -> None:
    assert clean("a\x00\x08\x1f\ufffe\uffff\ud800b\r\nc\rd\te\x7f🔭") == "ab\nc\nd\te\x7f🔭"


def test_atom_begins_with_the_latest_change_and_json_keeps_the_order_of_time() -> None:
    older = replace(ITEM, id=lasting_id("event 2"), title="Older", updated=AT.replace(year=2025))
    feed = ElementTree.fromstring(render_atom(HEAD, [older, ITEM]))
    assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == ["Stars", "Older"]
    assert [item["title"] for item in json.loads(render_json(HEAD, [older, ITEM]))["items"]] == ["Older", "Stars"]


def test_a_cancelled_meeting_is_struck() -> None:
    item = replace(ITEM, meetings=(replace(MEETING, cancelled=True), MEETING))
    content = entry_of(render_atom(HEAD, [item])).findtext(f"{ATOM}content")
    assert content.startswith("<p><del>Thursday 3 December 2026, 18:30–20:00<br>The hall</del></p><p>Thursday")
    statuses = [one["status"] for one in json.loads(render_json(HEAD, [item]))["items"][0]["_event"]["sessions"]]
    assert statuses == ["cancelled", "scheduled"]


def test_an_id_is_for_ever() -> None:
    """Another one would show every event of every subscriber a second time."""
    assert lasting_id("event k3v9") == "urn:uuid:" + LASTING
    assert lasting_id("event k3v8") != lasting_id("event k3v9")


LASTING = "3d51c5a7-0e1e-513f-a421-18a4e3d329f9"
