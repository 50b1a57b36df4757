// Putting a calendar together: each tick shows at once what it brings, so that no address is of the ticks before.
// Without this script, or where the network fails, the button does the same.
"use strict";

const form = document.querySelector("form[data-compose]");
// What follows from the ticks. The form itself stays, and with it focus and folds.
const PARTS = [".top .wrap", ".filters > summary", "#calendar-name", "#calendar-count", "#calendar-rest"];
const PAUSE = 400; // ms without typing after which a text is looked for

let asked = addressOf(form);
let latest = 0;
let timer = 0;

function addressOf(filled) {
  const chosen = [...new FormData(filled)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(chosen).toString();
  return query ? `${filled.action}?${query}` : filled.action;
}

function put(fresh) {
  for (const part of PARTS) {
    const old = document.querySelector(part), now = fresh.querySelector(part);
    if (old && now) old.replaceChildren(...now.childNodes);
  }
  document.title = fresh.title;
  document.dispatchEvent(new Event("lectern:shown"));
}

async function show() {
  const address = addressOf(form);
  if (address === asked) return;
  asked = address;
  const number = ++latest, rest = document.querySelector("#calendar-rest");
  rest.inert = true; // an address of the ticks before would be the wrong one
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== latest) return;
    put(fresh);
    history.replaceState(null, "", address);
  } catch {
    if (number === latest) form.submit();
    return;
  }
  rest.inert = false;
}

form.addEventListener("change", show);
form.addEventListener("input", (event) => {
  clearTimeout(timer);
  if (event.target.type === "search" || event.target.type === "text") timer = setTimeout(show, PAUSE);
});
