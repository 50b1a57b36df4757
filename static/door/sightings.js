/* Which of the codes in view is news. Pure: time comes in with each picture. */

const OUT_OF_VIEW_MS = 700;

export class Sightings {
  #held = new Map();

  /**
   * Takes the texts of one picture. Says {several: true} for two different codes, {text} for a code that just
   * came into view, {} for nothing new. A code counts once until it has been out of view for a moment (single
   * pictures may miss it). While the door isn't ready, a new code isn't taken and will be news later.
   */
  see(texts, now, isReady) {
    const inView = new Set(texts);
    for (const [text, seenAt] of this.#held) {
      if (inView.has(text)) this.#held.set(text, now);
      else if (now - seenAt > OUT_OF_VIEW_MS) this.#held.delete(text);
    }
    if (inView.size > 1) return { several: true };
    const [text] = inView;
    if (text === undefined || this.#held.has(text) || !isReady) return {};
    this.#held.set(text, now);
    return { text };
  }
}
