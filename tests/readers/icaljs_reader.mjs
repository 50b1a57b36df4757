// Read calendars by ical.js, the reader of Thunderbird and Nextcloud.
//
// Each line of the input is a JSON string with a calendar; each line of the answer a JSON list of its events.

import ICAL from "ical.js";
import readline from "node:readline";

function moment(time) {
  if (time.isDate) return time.toICALString();
  if (time.zone === ICAL.Timezone.localTimezone) return "floating " + time.toICALString();
  return time.convertToZone(ICAL.Timezone.utcTimezone).toICALString();
}

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      sequence: event.sequence,
      starts: moment(event.startDate),
      ends: moment(event.endDate),
      summary: event.summary ?? "",
      description: event.description ?? "",
      location: event.location ?? "",
      names: component.getAllProperties().map((property) => property.name.toUpperCase()).sort(),
    };
  });
}

console.log("ready");
for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(read(JSON.parse(line))));
}
