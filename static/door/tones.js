/* A sound and a shake for each colour, told apart without looking. Made here, no recordings. */

const MUTED = 'lectern-door-muted';

// [frequency in Hz, start and length in seconds, shape of the wave]
const TUNES = {
  green: [[660, 0, 0.1, 'sine'], [990, 0.1, 0.2, 'sine']],
  red: [[180, 0, 0.22, 'square'], [150, 0.28, 0.34, 'square']],
  amber: [[440, 0, 0.12, 'triangle'], [440, 0.2, 0.12, 'triangle'], [392, 0.4, 0.16, 'triangle']],
};
const SHAKES = { green: [60], red: [180, 80, 180], amber: [60, 60, 60] };
const LOUDNESS = { sine: 0.35, square: 0.18, triangle: 0.4 };

export class Tones {
  #context = null;

  constructor() {
    // Browsers let a page make sounds only after somebody touched it.
    const allow = () => {
      this.#context ??= new AudioContext();
      if (this.#context.state !== 'running') this.#context.resume();
    };
    for (const touch of ['pointerup', 'click', 'keydown']) document.addEventListener(touch, allow);
  }

  /** True while the browser still waits for the first touch; one that can't tell is taken to be ready. */
  get isWaitingForTouch() {
    return !this.isMuted && navigator.userActivation?.hasBeenActive === false;
  }

  get isMuted() {
    return localStorage.getItem(MUTED) === 'yes';
  }

  mute(isMuted) {
    localStorage.setItem(MUTED, isMuted ? 'yes' : 'no');
  }

  play(colour) {
    navigator.vibrate?.(SHAKES[colour]);
    if (this.isMuted || this.#context?.state !== 'running') return;
    for (const note of TUNES[colour]) this.#note(...note);
  }

  #note(frequency, start, length, shape) {
    const begin = this.#context.currentTime + start;
    const tone = new OscillatorNode(this.#context, { type: shape, frequency });
    const volume = new GainNode(this.#context, { gain: 0 });
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(LOUDNESS[shape], begin + 0.015);
    volume.gain.linearRampToValueAtTime(0, begin + length);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(begin);
    tone.stop(begin + length);
  }
}
