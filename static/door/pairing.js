/* Binds this phone to a door by a one-time link, typed, pasted, opened or scanned. */

import { Problem, pairDevice } from './api.js';
import { pairingIn } from './codes.js';
import { say } from './words.js';

const byId = (id) => document.getElementById(id);

function likelyName() {
  const agent = navigator.userAgent;
  if (/iPhone/.test(agent)) return 'iPhone';
  if (/iPad/.test(agent)) return 'iPad';
  if (/Android/.test(agent)) return say('device_android');
  return say('device_computer');
}

export class Pairing {
  #onPaired;
  #token = null;

  constructor(onPaired) {
    this.#onPaired = onPaired;
    byId('pair-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#pair();
    });
    byId('device-name').value = likelyName();
    window.addEventListener('hashchange', () => this.takeFromAddress());
  }

  /** Uses the token with which the page was opened, if there is one. */
  takeFromAddress() {
    if (location.hash.length > 1) this.take(location.href);
  }

  /** Uses the token in that text; says what is wrong with it where there is none. */
  take(text) {
    const found = pairingIn(text, location.host);
    this.#token = found?.token ?? null;
    this.#showReady(this.#token !== null);
    if (this.#token) this.#fail('');
    else if (found) this.#fail(say('pair_elsewhere', { host: found.elsewhere }));
    else this.#fail(say('pair_no_link'));
    return this.#token !== null;
  }

  async #pair() {
    if (!this.#token && !this.take(byId('pair-link').value)) {
      byId('pair-link').focus();
      return;
    }
    const button = byId('pair-button');
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    try {
      await pairDevice(this.#token, byId('device-name').value.trim() || likelyName());
      this.#onPaired();
    } catch (error) {
      this.#refused(error);
    } finally {
      button.removeAttribute('aria-busy');
    }
  }

  #refused(error) {
    if (!(error instanceof Problem)) {
      this.#fail(say('pair_no_network'));
      return;
    }
    this.#fail(error.message || say('pair_refused'));
    // A used or unknown token is of no more use; too many tries only ask for patience.
    if (error.status === 429) return;
    this.#token = null;
    this.#showReady(false);
    byId('pair-link').value = '';
    history.replaceState(null, '', location.pathname);
  }

  // Whoever has the link needs no more advice on how to get one.
  #showReady(isReady) {
    byId('pair-ready').hidden = !isReady;
    byId('pair-link-box').hidden = isReady;
    byId('pair-intro').hidden = isReady;
  }

  #fail(text) {
    const problem = byId('pair-error');
    problem.textContent = text;
    problem.hidden = text === '';
    byId('pair-link').setAttribute('aria-invalid', String(text !== ''));
  }
}
