"""What is wrong with a calendar entry, in words, and what to do."""

from __future__ import annotations

from app.catalogue.ics.lint import Finding
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext as _l

_TIMES = _l("A calendar could show another time. Check day, hours and time zone of this meeting and save it again.")
_WORDS = _l("A calendar could cut the words off. Write title and place without odd signs and save again.")
_LINK = _l("A link in the entry leads nowhere. Tell whoever runs this site to check its address.")
_BYTES = _l("Some calendars cannot read this entry. Make it anew; if that does not help, tell whoever runs this site.")
_STATE = _l("A calendar could show the wrong state, or none. Make the entry anew.")

_KINDS = {
    **dict.fromkeys(("floating", "end-not-later", "half-day", "repeats"), _TIMES),
    **dict.fromkeys(("unescaped", "comma-in-category", "two-line-place", "geo"), _WORDS),
    **dict.fromkeys(("link", "no-link-in-words", "conference", "organizer"), _LINK),
    **dict.fromkeys(("status", "cancelled-busy", "cancelled-room", "geo-online"), _STATE),
    **dict.fromkeys(("sequence", "stamps-differ", "stamp-not-utc"), _STATE),
    "personal": _l("The entry holds something personal that everybody can read. Make it anew at once."),
}


def finding_words(finding: Finding) -> str:
    """A finding in a sentence or two, with its rule for whoever runs the site."""
    rule = f"{finding.rule}: {finding.detail}" if finding.detail else finding.rule
    return _("%(words)s (Rule: %(rule)s)", words=_KINDS.get(finding.rule, _BYTES), rule=rule)
