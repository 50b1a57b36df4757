/* The page's translated sentences, and what is made of them. */

const words = JSON.parse(document.getElementById('door-words').textContent);

export const locale = document.documentElement.lang;

/** The sentence of that name with its {places} filled. */
export function say(name, places = {}) {
  return words[name].replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

/** The sentence of that name, or an empty text where the page has none. */
export function sayIfKnown(name) {
  return words[name] ?? '';
}

// Day before month, as everywhere else on our pages; the browser's plain "en" is American.
const calendarLocale = locale === 'en' ? 'en-GB' : locale;

/** The hour by the clocks of the event's zone, as in the server's own words. */
export function clockTime(instant, zone) {
  return new Intl.DateTimeFormat(calendarLocale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone }).format(instant);
}

export function dayAndTime(instant, zone) {
  return new Intl.DateTimeFormat(calendarLocale, {
    weekday: 'short', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone,
  }).format(instant);
}

/** Day and short month of an event in its own zone, for the calendar leaf. */
export function leafOf(instant, zone) {
  const part = (options) => new Intl.DateTimeFormat(calendarLocale, { ...options, timeZone: zone }).format(instant);
  return { day: part({ day: 'numeric' }), month: part({ month: 'short' }).replace('.', '') };
}
