"""The form of one session of an event, read into its values.

What the form doesn't ask (the room in a venue, the note on the online room) stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.catalogue import queries as catalogue
from app.catalogue.formats import FORMATS
from app.catalogue.models import Event, Mode, SignUp, Track
from app.catalogue.values import SessionValues
from app.core.forms import (
    ChoiceField,
    CountField,
    DateField,
    Form,
    HiddenLine,
    LineField,
    LinkField,
    ManyField,
    RadioField,
    TickField,
    TimeField,
)
from app.core.i18n import gettext as _
from app.core.i18n import lazy_gettext as _l
from app.core.i18n import said
from app.desk.event_data import other_language
from app.desk.hours import PASSES, Hours, hours_data

EVERYBODY, CHOSEN = "everybody", "chosen"
MOST_TIMES = 52
WEEKS = [("1", _l("Every week")), ("2", _l("Every two weeks")), ("4", _l("Every four weeks"))]
_MORE = ("format", "ends_on", "title_other", "place_note_other")
_SECOND = ("title_other", "place_note_other")
_TRACK = ("track", "new_track")


class SessionForm(Hours, Form):
    """One meeting of an event."""

    title = LineField(_l("Title of the meeting"))
    on = DateField(_l("Day"), needed=_l("Please choose the day."))
    all_day = TickField(_l("All day, without hours"))
    starts = TimeField(_l("Starts at"), needed=_l("Please write when it starts."))
    ends = TimeField(_l("Ends at"), needed=_l("Please write when it ends."))
    modes = ManyField(
        _l("How can people come?"),
        choices=[(Mode.IN_PERSON, _l("In the hall")), (Mode.ONLINE, _l("Online"))],
        needed=_l("Please say how people can come."),
    )
    venue = ChoiceField(_l("Place"))
    place_note = LineField(_l("Room or meeting point"))
    room_url = LinkField(_l("Link to the online room"), limit=1000)
    who = RadioField(
        _l("Who comes?"),
        choices=[(EVERYBODY, _l("Everybody who signed up")), (CHOSEN, _l("People choose it"))],
        needed=_l("Please say who comes."),
    )
    capacity_in_person = CountField(_l("Seats in the hall"), lowest=1)
    capacity_online = CountField(_l("Seats online"), lowest=1)
    over_limit = TickField(_l("Keep more people than seats"))
    track = ChoiceField(_l("Section"))
    new_track = LineField(_l("New section"))
    format = ChoiceField(
        _l("Format"),
        choices=[("", _l("As the event")), *((code, entry.name) for code, entry in FORMATS.items())],
    )
    ends_on = DateField(_l("Last day, if it is another one"))
    title_other = LineField(_l("Title in the second language"))
    place_note_other = LineField(_l("Room or meeting point in the second language"))
    starts_pass = RadioField(_l("That night the clocks show the hour of the start twice. Which one?"), choices=PASSES)
    ends_pass = RadioField(_l("That night the clocks show the hour of the end twice. Which one?"), choices=PASSES)
    seen = HiddenLine(limit=60)

    zone = ""
    has_tracks = False
    known_link: str | None = None

    @property
    def zone_name(self) -> str:
        """The zone in which the hours are meant: the session's own, or the event's."""
        return self.zone

    @property
    def has_more_errors(self) -> bool:
        """Whether something is wrong, or said in the second language, in the part that is folded at first."""
        names = _MORE if self.has_tracks else (*_MORE, *_TRACK)
        return any(self[name].errors for name in names) or any(self[name].data for name in _SECOND)

    def offer(self, event: Event, like: SessionValues, *, is_new: bool = False) -> None:
        """Fill the lists that differ between events; people choose meetings only where they sign up here.

        `like` is the session as it is, or the one that a new session is made after.
        """
        self.zone = event.zone if is_new else like.zone
        self.known_link = like.room_url
        venues = catalogue.venues_of(event.organization_id)
        self.venue.choices = [("", _("Another place, or none")), *((str(one.id), said(one.name)) for one in venues)]
        tracks = catalogue.tracks_of(event.id)
        self.has_tracks = needs_tracks(event, tracks)
        self.track.choices = [("", _("None")), *((str(one.id), said(one.title)) for one in tracks)]
        if event.sign_up != SignUp.HERE:
            del self.who

    def validate(self, extra_validators: Any = None) -> bool:
        """Each answer by itself, and all together as far as they can be understood."""
        self.let_hours_out()
        super().validate(extra_validators)
        self.check_hours()
        if self._is_link_in_vain():
            self.refuse(_("Only a meeting that is held online has a link. Tick “Online”, or empty this."), "room_url")
        if "who" in self and self.who.data == EVERYBODY and (self.capacity_in_person.data or self.capacity_online.data):
            self.refuse(
                _("Seats are counted only for a meeting that people choose. Choose that, or empty the seats."), "who"
            )
        return not self.errors

    def _is_link_in_vain(self) -> bool:
        """Whether a link was typed though nobody comes online; one that was there before just goes."""
        is_online = Mode.ONLINE in (self.modes.data or [Mode.ONLINE])
        return not is_online and self.room_url.data not in ("", self.known_link)

    def read(self, event: Event, before: SessionValues | None) -> SessionValues:
        """The values of a valid form, on top of `before`."""
        first, second = event.language, other_language(event.language)
        venue_id = int(self.venue.data) if self.venue.data else None
        is_chosen = self.who.data == CHOSEN if "who" in self else bool(before and before.is_chosen)
        return SessionValues(
            title={first: self.title.data, second: self.title_other.data},
            format=self.format.data or None,
            track_id=int(self.track.data) if self.track.data else None,
            new_track={first: self.new_track.data} if self.new_track.data else {},
            zone=self.zone,
            **self.times(before),
            is_in_person=Mode.IN_PERSON in self.modes.data,
            is_online=Mode.ONLINE in self.modes.data,
            venue_id=venue_id,
            room_id=before.room_id if before and before.venue_id == venue_id else None,
            place_note={first: self.place_note.data, second: self.place_note_other.data},
            room_url=self.room_url.data or None if Mode.ONLINE in self.modes.data else None,
            room_note=before.room_note if before else {},
            is_chosen=is_chosen,
            capacity_in_person=self.capacity_in_person.data if is_chosen else None,
            capacity_online=self.capacity_online.data if is_chosen else None,
            confirm_over_limit=self.over_limit.data,
        )


def needs_tracks(event: Event, tracks: Sequence[Track]) -> bool:
    """Whether the organizer thinks in sections: of a conference, or because there are some."""
    return event.format == "conference" or bool(tracks)


class RepeatForm(Form):
    """How often a meeting is repeated."""

    times = CountField(
        _l("How many times more?"), needed=_l("Please write how many times more."), lowest=1, highest=MOST_TIMES
    )
    weeks = RadioField(_l("How often?"), choices=WEEKS, needed=_l("Please choose how often."))


class SeriesForm(RepeatForm):
    """How often an event is held again."""

    publish = TickField(_l("Publish them at once"))


class SeriesLimitForm(Form):
    """How many dates one person may have."""

    per_person = CountField(_l("Dates for one person"), lowest=1, highest=100)


class TrackForm(Form):
    """The name of a section."""

    title = LineField(_l("Name of the section"), needed=_l("Please write the name of the section."))
    title_other = LineField(_l("Name in the second language"))

    def read(self, event: Event) -> dict[str, str]:
        """The name by language."""
        first, second = event.language, other_language(event.language)
        return {code: text for code, text in ((first, self.title.data), (second, self.title_other.data)) if text}


def blank_session_data(event: Event, like: SessionValues) -> dict[str, Any]:
    """What the form of a new session begins with: hours, place and link of the one before it, and no day."""
    kept = ("all_day", "starts", "ends", "modes", "venue", "place_note", "place_note_other", "room_url")
    data = {name: value for name, value in session_data(event, like, "").items() if name in kept}
    return {"who": EVERYBODY, **data}


def session_data(event: Event, values: SessionValues, seen: str) -> dict[str, Any]:
    """What the form of a known session begins with."""
    first, second = event.language, other_language(event.language)
    offered = ((Mode.IN_PERSON, values.is_in_person), (Mode.ONLINE, values.is_online))
    return {
        "title": values.title.get(first) or said(values.title, first),
        "title_other": values.title.get(second, "") if first in values.title else "",
        **hours_data(values),
        "starts_pass": str(values.starts_fold),
        "ends_pass": str(values.ends_fold),
        "modes": [mode for mode, is_offered in offered if is_offered],
        "venue": str(values.venue_id or ""),
        "place_note": values.place_note.get(first, ""),
        "place_note_other": values.place_note.get(second, ""),
        "room_url": values.room_url,
        "who": CHOSEN if values.is_chosen else EVERYBODY,
        "capacity_in_person": values.capacity_in_person,
        "capacity_online": values.capacity_online,
        "track": str(values.track_id or ""),
        "format": values.format or "",
        "seen": seen,
    }
