"""Read calendars by libical: run by the system's Python, whose `gi` the virtual environment doesn't have.

Each line of the input is a JSON string with a calendar; each line of the answer a JSON list of its events.
"""

import json
import sys

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402

EVENT = ICalGLib.ComponentKind.VEVENT_COMPONENT
ANY = ICalGLib.PropertyKind.ANY_PROPERTY
UTC = ICalGLib.Timezone.get_utc_timezone()


def moment(time):
    if time.is_date():
        return time.as_ical_string()
    if time.is_floating():
        return "floating " + time.as_ical_string()
    return time.convert_to_zone(UTC).as_ical_string()


def names(event):
    found = []
    each = event.get_first_property(ANY)
    while each:
        found.append(each.get_property_name())
        each = event.get_next_property(ANY)
    return found


def events(text):
    calendar = ICalGLib.Component.new_from_string(text)
    event = calendar.get_first_component(EVENT)
    while event:
        yield {
            "uid": event.get_uid(),
            "sequence": event.get_sequence(),
            "starts": moment(event.get_dtstart()),
            "ends": moment(event.get_dtend()),
            "summary": event.get_summary() or "",
            "description": event.get_description() or "",
            "location": event.get_location() or "",
            "names": sorted(names(event)),
        }
        event = calendar.get_next_component(EVENT)


print("ready", flush=True)
for line in sys.stdin:
    print(json.dumps(list(events(json.loads(line)))), flush=True)
