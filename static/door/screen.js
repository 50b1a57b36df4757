/* What the door page shows around the camera: the view, the event, the strip of figures, the last scans. */

import { clockTime, dayAndTime, leafOf, say } from './words.js';
import { drawIcon } from './verdict.js';

const REMEMBERED = 10;

const byId = (id) => document.getElementById(id);

/** Shows one of the views 'opening', 'pair', 'choose', 'scan' and says it in the heading. */
export function showView(name, title) {
  document.body.dataset.view = name;
  byId('title').textContent = title;
  byId('subtitle').textContent = '';
  byId('leaf').hidden = true;
  byId('change-event').hidden = true;
  if (matchMedia('(pointer: fine)').matches && name === 'scan') byId('typed').focus();
  else byId('title').focus({ preventScroll: true });
}

export function showOpening(text) {
  showView('opening', say('door'));
  byId('opening-text').textContent = text;
}

function fillLeaf(leaf, event) {
  const { day, month } = leafOf(new Date(event.starts_at), event.zone);
  leaf.querySelector('.leaf-month').textContent = month;
  leaf.querySelector('.leaf-day').textContent = day;
  leaf.hidden = false;
}

/** Shows the event whose people come in, and what this phone is. */
export function showEvent(session, event) {
  showView('scan', event.title);
  fillLeaf(byId('leaf'), event);
  byId('subtitle').textContent = [event.when_text, session.gate].filter(Boolean).join(' · ');
  byId('change-event').hidden = session.events.length < 2;
  byId('head-count').textContent = '–';
  byId('about-device').textContent = say('about_device', {
    name: session.device, until: dayAndTime(new Date(session.expires_at), event.zone),
  });
  document.body.dataset.mayScan = String(session.rights.scan);
}

/** Asks which of the phone's events is meant, so that two in one hall don't mix. */
export function showChoice(events, onChoice) {
  showView('choose', say('which_event'));
  const buttons = events.map((event) => {
    const choice = byId('event-choice').content.cloneNode(true);
    fillLeaf(choice.querySelector('.leaf'), event);
    choice.querySelector('.choice-title').textContent = event.title;
    choice.querySelector('.choice-when').textContent = event.when_text;
    choice.querySelector('button').addEventListener('click', () => onChoice(event));
    return choice;
  });
  byId('choices').replaceChildren(...buttons);
}

export function showNetwork(isOnline) {
  const network = byId('network');
  network.dataset.state = isOnline ? 'online' : 'offline';
  drawIcon(network.querySelector('svg'), isOnline ? 'online' : 'offline');
  const word = say(isOnline ? 'online' : 'offline');
  const label = network.querySelector('[role=status]');
  // The label is spoken when it changes, so it mustn't be set anew every few seconds.
  if (label.textContent !== word) label.textContent = word;
}

export function showWaiting(number) {
  byId('waiting').textContent = String(number);
  byId('waiting-box').dataset.some = String(number > 0);
}

export function showCounts({ in: inside, expected }) {
  byId('head-count').textContent = say('head_count', { in: inside, expected });
}

/** A short message that stays until the next one; an empty text takes it away. */
export function showNote(text) {
  byId('note').textContent = text;
  byId('note').hidden = text === '';
}

/** The scans made since the page was opened. Only in memory: names don't stay on a helper's phone. */
export class LastScans {
  #scans = [];
  zone = undefined;

  /** Adds a scan, or gives a known one the answer that came later. */
  put(id, face) {
    const known = this.#scans.find((scan) => scan.id === id);
    if (known) known.face = face;
    else this.#scans = [{ id, at: new Date(), face }, ...this.#scans].slice(0, REMEMBERED);
    this.#draw();
  }

  clear() {
    this.#scans = [];
    this.#draw();
  }

  #draw() {
    byId('last-none').hidden = this.#scans.length > 0;
    byId('last-list').replaceChildren(...this.#scans.map(({ at, face }) => {
      const row = byId('last-scan').content.cloneNode(true);
      row.querySelector('li').dataset.colour = face.colour;
      drawIcon(row.querySelector('svg'), face.icon);
      row.querySelector('time').textContent = clockTime(at, this.zone);
      row.querySelector('.last-word').textContent = face.word;
      row.querySelector('.last-name').textContent = [face.name, face.detail].filter(Boolean).join(', ');
      return row;
    }));
  }
}
