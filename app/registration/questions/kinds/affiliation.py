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
MOST_DIGITS = 5
# What people write who belong to none, after folding.
NO_NAMES = frozenset(
    fold(line)
    for line in """
нет
нету
нет организации
без организации
не состою
не работаю
никакой
никакая
не знаю
сам
сама
сам по себе
сама по себе
самостоятельно
физлицо
физическое лицо
частное лицо
пенсионер
пенсионерка
no
none
nobody
nothing
not any
n a
na
no organization
myself
private person
retired
""".strip().splitlines()
)
SIGNS = re.compile(r"[«»„“”\"'’‘`()\[\].,;:№#/\\–—_-]+")


class Affiliation(ShortText):
    """Canonical: the name as it was written. `folded` is without case, quotes, signs, and legal forms in front."""

    code = "affiliation"
    name = lazy_gettext("Organization or school")
    autocomplete = "organization"
    suggests = True

    def folded(self, value: Any) -> str | None:
        """What is the same for «Маяк», АНО "МАЯК" and маяк; None for a dash, an address, or "none"."""
        if not is_a_name(str(value)):
            return None
        words = SIGNS.sub(" ", fold(str(value))).split()
        begin = next((place for place, word in enumerate(words) if word not in LEGAL_FORMS), 0)
        return " ".join(words[begin:]) or fold(str(value))

    def summarize(self, values: Sequence[Any], question: AskedQuestion) -> Summary:
        """How many organizations were reached, and how many people of each; the name is what most have written."""
        spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for value in values:
            name = self.folded(value)
            if name is not None:
                spellings[name][str(value)] += 1
        counts = [(names.most_common(1)[0][0], names.total()) for names in spellings.values()]
        counts.sort(key=lambda pair: (-pair[1], fold(pair[0])))
        figures = [(_("Organizations reached"), str(len(counts)))]
        others = len(values) - sum(number for _name, number in counts)
        if others:
            figures.append((_("Without an organization"), str(others)))
        return Summary(counts=tuple(counts), figures=tuple(figures))


def is_a_name(text: str) -> bool:
    """Whether it may name an organization: letters, no address or telephone number, nor that there is none."""
    words = " ".join(SIGNS.sub(" ", fold(text)).split())
    if sum(sign.isdigit() for sign in text) > MOST_DIGITS:
        return False
    return "@" not in text and "://" not in text and any(sign.isalpha() for sign in words) and words not in NO_NAMES
