/* Keeps phone and server in step: one exchange at a time, soon after each scan, else every few seconds. */

import { Problem, exchangeScans } from './api.js';

const EVERY_MS = 4000;
const LONGEST_PAUSE_MS = 30000;
const RETRY_REFUSED_MS = 30000;
const PARCEL = 50;

export class Sync {
  #store;
  #listener;
  #timer = null;
  #running = false;
  #again = false;
  #stopped = true;
  #failures = 0;
  #limit = PARCEL;
  #cursor = null;
  #refusedTriedAt = 0;

  /**
   * listener has onAnswers([[scan, result]…]), onRefused(scan), onReply(reply), onNetwork(isOnline),
   * onUnpaired(problem) and onRevoked().
   */
  constructor(store, listener) {
    this.#store = store;
    this.#listener = listener;
    document.addEventListener('visibilitychange', () => this.wake());
    window.addEventListener('online', () => this.wake());
  }

  get isOnline() {
    return this.#failures === 0;
  }

  start() {
    this.#stopped = false;
    this.wake();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Exchange now, or right after the exchange that is under way. */
  wake() {
    if (this.#stopped || document.hidden) return;
    clearTimeout(this.#timer);
    if (this.#running) this.#again = true;
    else this.#run();
  }

  async #run() {
    this.#running = true;
    try {
      do {
        this.#again = false;
        const isMoreWaiting = await this.#exchange();
        this.#again ||= isMoreWaiting;
      } while (this.#again && !this.#stopped);
      this.#failures = 0;
      if (!this.#stopped) this.#listener.onNetwork(true);
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.#running = false;
      this.#schedule();
    }
  }

  /** One request and its answer; true when scans are left that should go at once. */
  async #exchange() {
    const scans = await this.#nextParcel();
    let reply;
    try {
      reply = await exchangeScans({
        cursor: this.#cursor,
        sent_at: new Date().toISOString(),
        scans: scans.map(({ refusals, ...scan }) => scan),
      });
    } catch (error) {
      if (isRefusalOf(scans, error)) return this.#setAside(scans);
      throw error;
    }
    if (reply.revoked) {
      this.stop();
      await this.#listener.onRevoked();
      return false;
    }
    this.#cursor = reply.cursor;
    this.#limit = PARCEL;
    const answers = scans.filter((scan) => scan.id in reply.results).map((scan) => [scan, reply.results[scan.id]]);
    await this.#store.forgetScans(answers.map(([scan]) => scan.id));
    this.#listener.onAnswers(answers);
    this.#listener.onReply(reply);
    return answers.length > 0 && (await this.#store.countWaiting()) > 0;
  }

  // Refused scans travel alone and seldom, so that they hold up nobody.
  async #nextParcel() {
    const scans = await this.#store.waitingScans();
    const fresh = scans.filter((scan) => scan.refusals === 0);
    if (fresh.length > 0) return fresh.slice(0, this.#limit);
    if (Date.now() - this.#refusedTriedAt < RETRY_REFUSED_MS) return [];
    this.#refusedTriedAt = Date.now();
    return scans.slice(0, 1);
  }

  // A scan is never dropped. The one that the server can't take is found by sending the parcel's scans one by
  // one; it stays on the phone.
  async #setAside(scans) {
    if (scans.length > 1) {
      this.#limit = 1;
      return true;
    }
    await this.#store.markRefused(scans[0]);
    this.#listener.onRefused(scans[0]);
    return true;
  }

  async #failed(error) {
    if (error instanceof Problem && error.status === 401) {
      this.stop();
      await this.#listener.onUnpaired(error);
      return;
    }
    this.#failures += 1;
    this.#listener.onNetwork(false);
  }

  #schedule() {
    if (this.#stopped) return;
    const pause = Math.min(LONGEST_PAUSE_MS, EVERY_MS * 2 ** Math.min(this.#failures, 4));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), pause);
  }
}

function isRefusalOf(scans, error) {
  return scans.length > 0 && error instanceof Problem && [400, 404, 409, 413, 422].includes(error.status);
}
