// Small comforts. Every page works without them: each only adds to what the server has sent.
"use strict";

// After a refused form the reader, also one who listens, starts at the summary of errors.
const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();

function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) {
    const source = document.querySelector(button.dataset.copy);
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
      button.querySelector("span").textContent = button.dataset.done;
    });
  }
}

// Telephones with Android know no program for calendars' addresses, so there the way by the browser comes first.
function preferBrowser() {
  if (!/Android/.test(navigator.userAgent)) return;
  for (const byBrowser of document.querySelectorAll("[data-way=browser]")) {
    const byCalendar = byBrowser.parentElement.querySelector("[data-way=calendar]");
    byBrowser.querySelector(".button").classList.remove("button-second");
    byCalendar.querySelector(".button").classList.add("button-second");
    byCalendar.before(byBrowser);
  }
}

for (const improve of [offerCopies, preferBrowser]) {
  improve();
  document.addEventListener("lectern:shown", improve); // a part of the page has come anew
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The hour in the reader's own zone stands beside the event's, and only where the two differ.
function offsetMinutes(text) {
  const found = /([+-])(\d\d):?(\d\d)$/.exec(text);
  return found ? (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0;
}

for (const time of document.querySelectorAll("time[data-reader-time]")) {
  const instant = new Date(time.dateTime);
  if (Number.isNaN(instant.getTime()) || -instant.getTimezoneOffset() === offsetMinutes(time.dateTime)) continue;
  const here = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(instant);
  const beside = document.createElement("span");
  beside.className = "reader-time";
  beside.textContent = ` (${time.dataset.readerTime.replace("{time}", here)})`;
  time.after(beside);
}
