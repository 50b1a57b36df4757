/* What the door says about one ticket: a colour, a large word, a name, and what to do. */

import { say, sayIfKnown } from './words.js';

const LEAST_MS = 1500;
const GOES_BY_ITSELF_MS = 2600;

// Each verdict has an icon of its own shape, so that colour is never the only sign.
const ICONS = {
  welcome: 'check', already_in: 'stop', wrong_event: 'calendar', wrong_day: 'calendar', too_early: 'clock',
  cancelled: 'cross', not_confirmed: 'question', online_only: 'screen', unknown: 'question',
  not_a_ticket: 'not-code', offline: 'pencil', not_taken: 'pencil', not_kept: 'cross',
};
const COLOURS = { welcome: 'green', already_in: 'red' };

/** The face of a server's result; our own words stand in where the server sent none. */
export function faceOf(result) {
  const { verdict, detail } = result;
  // The server's sentence knows more than our advice, but for "14:02, gate A", which says nothing of what to do.
  const saysEnough = Boolean(detail) && verdict !== 'already_in';
  const colour = result.colour ?? COLOURS[verdict] ?? 'amber';
  return {
    verdict,
    colour,
    icon: ICONS[verdict] ?? (colour === 'green' ? 'check' : 'question'),
    word: result.headline || sayIfKnown(`verdict_${verdict}`) || say(`verdict_${colour}`),
    name: result.name ?? '',
    detail: detail ?? '',
    advice: saysEnough ? '' : sayIfKnown(`advice_${verdict}`),
  };
}

export function drawIcon(svg, icon) {
  svg.querySelector('use').setAttribute('href', `#icon-${icon}`);
}

export class VerdictPanel {
  #panel = document.getElementById('verdict');
  #spoken = document.getElementById('spoken');
  #shownAt = -Infinity;
  #timer = null;
  scanId = null;

  constructor() {
    document.getElementById('verdict-next').addEventListener('click', () => this.hide());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.hide();
    });
  }

  /** For how many milliseconds the verdict must still stay, so that two people never share one. */
  get staysFor() {
    return Math.max(LEAST_MS - (performance.now() - this.#shownAt), 0);
  }

  show(face, scanId = null) {
    clearTimeout(this.#timer);
    this.scanId = scanId;
    this.#shownAt = performance.now();
    this.#panel.dataset.colour = face.colour;
    drawIcon(document.getElementById('verdict-icon'), face.icon);
    for (const part of ['word', 'name', 'detail', 'advice']) {
      document.getElementById(`verdict-${part}`).textContent = face[part];
    }
    this.#panel.hidden = false;
    this.#speak([face.word, face.name, face.detail, face.advice].filter(Boolean).join('. '));
    // Green and "written down" need no deed; the others wait until they were read.
    if (face.colour === 'green' || face.verdict === 'offline') {
      this.#timer = setTimeout(() => this.hide(), GOES_BY_ITSELF_MS);
    }
  }

  hide() {
    clearTimeout(this.#timer);
    this.scanId = null;
    this.#shownAt = -Infinity;
    this.#panel.hidden = true;
  }

  /** Takes the words away, too, that nobody sees but a screen reader could still say. */
  forget() {
    this.hide();
    this.#spoken.textContent = '';
    for (const part of ['word', 'name', 'detail', 'advice']) {
      document.getElementById(`verdict-${part}`).textContent = '';
    }
  }

  // A screen reader says a changed text only; two equal verdicts in a row are two people.
  #speak(text) {
    this.#spoken.textContent = '';
    setTimeout(() => { this.#spoken.textContent = text; }, 50);
  }
}
