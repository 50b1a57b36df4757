"""Atom as others read it: a schema of RFC 4287, what no schema can say, and a news reader's own parser."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))


def problems(feed: bytes) -> list[str]:
    """What is wrong with these bytes as an Atom feed."""
    document = etree.fromstring(feed)
    schema = _schema()
    found = [] if schema.validate(document) else [f"line {one.line}: {one.message}" for one in schema.error_log]
    found += [f"the id {one} stands twice" for one in _twice(document.xpath("//*[local-name()='id']/text()"))]
    for owner in (document, *document.iter(f"{ATOM}entry")):
        links = owner.iterchildren(f"{ATOM}link")
        kinds = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in links]
        found += [f"two links of one kind: {one}" for one in _twice(kinds)]
    read = feedparser.parse(feed)
    found += [str(read.bozo_exception)] if read.bozo else []
    titles = [entry.findtext(f"{ATOM}title") for entry in document.iter(f"{ATOM}entry")]
    if len(read.entries) != len(titles):
        found.append(f"a reader sees {len(read.entries)} of {len(titles)} entries")
    return found


def _twice(values: list[Any]) -> list[Any]:
    return [one for one, times in Counter(values).items() if times > 1]
