"""Where a person comes from: a non-profit, a school. Names that mean the same count as one organization reached."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext
from app.core.text import fold
from app.registration.questions.asked import AskedQuestion
from app.registration.questions.kinds.kind import Summary
from app.registration.questions.kinds.short_text import ShortText

# What people write in front of a name or leave out; not what tells two organizations apart, such as "school".
FORMS = """
автономная некоммерческая организация ано дпо нко сонко ооо оао зао пао ао ип нп но оо роо моо мроо роод оод бф нбф
фонд гбу гау гку гбоу гаоу гбук гаук гбудо мбу мау мку мбоу маоу мбук маук мбудо мбдоу фгбоу фгбу фгаоу
ngo npo ltd llc inc gmbh
"""
LEGAL_FORMS = frozenset(FORMS.split())
SIGNS = re.compile(r"[«»„“”\"'’‘`()\[\].,;:№#/\\–—_-]+")


class Affiliation(ShortText):
    """Canonical: the name as it was written. `folded` is without case, quotes, signs, and legal forms in front."""

    code = "affiliation"
    name = lazy_gettext("Organization or school")
    autocomplete = "organization"
    suggests = True

    def folded(self, value: Any) -> str:
        """What is the same for «Маяк», АНО "МАЯК" and маяк."""
        words = SIGNS.sub(" ", fold(str(value))).split()
        begin = next((place for place, word in enumerate(words) if word not in LEGAL_FORMS), 0)
        return " ".join(words[begin:]) or fold(str(value))

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """How many organizations were reached, and how many people of each; the name is what most have written."""
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for value in values:
            spellings[self.folded(value)][str(value)] += 1
        counts = [(names.most_common(1)[0][0], names.total()) for names in spellings.values()]
        counts.sort(key=lambda pair: (-pair[1], fold(pair[0])))
        return Summary(counts=tuple(counts), figures=((_("Organizations reached"), str(len(counts))),))
