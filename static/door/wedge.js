/* A USB or Bluetooth code reader is a keyboard that types very fast and ends with Enter. */

const FASTEST_PERSON_MS = 50; // between two keys, on the average
const SHORTEST_CODE = 6;
const FORGET_AFTER_MS = 1000;

/**
 * Listens to the whole page, so that a reader works wherever the focus is, without opening the phone's own
 * keyboard. Calls onCode(text), and swallows the Enter, when a reader sent the keys and not a person.
 */
export function listenForReader(onCode) {
  let keys = [];

  // Slow readers exist, but nobody types a code where there is no field to type it in.
  function cameFromReader(target) {
    if (keys.length < SHORTEST_CODE) return false;
    const pause = (keys.at(-1).at - keys[0].at) / (keys.length - 1);
    return pause <= FASTEST_PERSON_MS || !target.matches('input, select, textarea');
  }

  document.addEventListener('keydown', (event) => {
    const at = event.timeStamp;
    if (keys.length && at - keys.at(-1).at > FORGET_AFTER_MS) keys = [];
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      keys.push({ at, letter: event.key });
    } else if (event.key === 'Enter') {
      const text = keys.map((key) => key.letter).join('');
      const isCode = cameFromReader(event.target);
      keys = [];
      if (!isCode) return;
      event.preventDefault();
      onCode(text);
    }
  }, true);
}
