/* The window with the camera's picture, its buttons, and its advice when there is no picture. */

import { Camera, isCameraAllowed } from './camera.js';
import { Reader } from './reader.js';
import { Sightings } from './sightings.js';
import { say } from './words.js';

const SEVERAL_STAYS_MS = 1200;

const byId = (id) => document.getElementById(id);

export class Lens {
  #box = byId('lens');
  #camera;
  #reader = new Reader();
  #sightings = new Sightings();
  #listener;
  #severalAt = -Infinity;
  #wakeLock = null;

  /** listener has onText(text) for each code that comes into view, onSeveral() while there are two, and isReady(). */
  constructor(listener) {
    this.#listener = listener;
    this.#camera = new Camera(byId('video'), {
      onPicture: (video) => this.#look(video),
      onState: (state) => this.#setState(state),
      onProblem: (problem) => this.#showProblem(problem),
    });
    byId('camera-start').addEventListener('click', () => this.#camera.start());
    byId('camera-again').addEventListener('click', () => this.#camera.start());
    byId('camera-choice').addEventListener('change', (event) => this.#camera.choose(event.target.value));
    byId('torch').addEventListener('click', () => this.#switchTorch());
  }

  /** Puts the window in that place; starts it if the person just asked for it or won't be asked anything. */
  async openIn(place, { isAskedFor = false } = {}) {
    this.stop();
    place.append(this.#box);
    this.#box.hidden = false;
    if (isAskedFor || await isCameraAllowed()) await this.#camera.start();
  }

  stop() {
    this.#camera.stop();
  }

  /** The texts of the codes in a photo; rejects where the file can't be opened as a picture. */
  readPhoto(file) {
    return this.#reader.readPhoto(file);
  }

  async #look(video) {
    let texts;
    try {
      texts = await this.#reader.readFrame(video);
    } catch {
      this.#camera.stop();
      this.#showProblem('decoder');
      return;
    }
    const now = performance.now();
    const seen = this.#sightings.see(texts, now, this.#listener.isReady());
    if (seen.several) {
      this.#severalAt = now;
      this.#listener.onSeveral();
    }
    this.#hint(now - this.#severalAt < SEVERAL_STAYS_MS ? 'several' : 'point');
    if (seen.text !== undefined) this.#listener.onText(seen.text);
  }

  #hint(kind) {
    const hint = byId('lens-hint');
    if (hint.dataset.kind === kind) return;
    hint.dataset.kind = kind;
    hint.textContent = say(`hint_${kind}`);
  }

  async #setState(state) {
    this.#box.dataset.state = state;
    if (state === 'off') return this.#letSleep();
    if (state !== 'on') return undefined;
    this.#hint('point');
    await this.#stayAwake();
    return this.#showTools();
  }

  async #showTools() {
    const torch = byId('torch');
    torch.hidden = !this.#camera.hasTorch;
    torch.setAttribute('aria-pressed', 'false');
    const cameras = await this.#camera.cameras();
    byId('camera-choice-box').hidden = cameras.length < 2;
    byId('camera-choice').replaceChildren(
      ...cameras.map(({ id, name, isCurrent }) => new Option(name, id, isCurrent, isCurrent)),
    );
  }

  #showProblem(problem) {
    this.#box.dataset.state = 'problem';
    this.#letSleep();
    byId('problem-title').textContent = say(`camera_${problem}`);
    byId('problem-advice').textContent = say(`camera_${problem}_advice`);
    byId('camera-again').hidden = ['insecure', 'unsupported'].includes(problem);
  }

  async #switchTorch() {
    const torch = byId('torch');
    const isOn = torch.getAttribute('aria-pressed') !== 'true';
    try {
      await this.#camera.setTorch(isOn);
      torch.setAttribute('aria-pressed', String(isOn));
    } catch {
      torch.hidden = true; // Some phones promise a light that they then refuse.
    }
  }

  async #stayAwake() {
    try {
      this.#wakeLock = await navigator.wakeLock?.request('screen');
    } catch {
      this.#wakeLock = null; // An almost empty battery forbids it; scanning goes on.
    }
  }

  #letSleep() {
    this.#wakeLock?.release();
    this.#wakeLock = null;
  }
}
