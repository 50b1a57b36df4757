/* The phone's camera: starts, stops when nobody looks, and says in one word why it can't. */

import { say } from './words.js';

const PAUSE_BETWEEN_PICTURES_MS = 60;
const LAST_CAMERA = 'lectern-door-camera';

const PROBLEMS = {
  NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'none', OverconstrainedError: 'none',
  NotReadableError: 'busy', AbortError: 'busy',
};

function wishFor(deviceId) {
  const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: 'environment' } };
  return { audio: false, video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } };
}

/** True when the person has already said yes, so that starting asks nothing. */
export async function isCameraAllowed() {
  try {
    return (await navigator.permissions.query({ name: 'camera' })).state === 'granted';
  } catch {
    return false; // Some browsers don't tell; then the page explains first and waits for the button.
  }
}

export class Camera {
  #video;
  #listener;
  #stream = null;
  #wanted = false;
  #run = 0;

  /** listener has onPicture(video) → promise, onState('starting' | 'on' | 'off'), onProblem(word). */
  constructor(video, listener) {
    this.#video = video;
    this.#listener = listener;
    document.addEventListener('visibilitychange', () => this.#followVisibility());
  }

  async start(deviceId = localStorage.getItem(LAST_CAMERA)) {
    this.#wanted = true;
    this.#release();
    if (!navigator.mediaDevices?.getUserMedia) {
      this.#listener.onProblem(window.isSecureContext ? 'unsupported' : 'insecure');
      return;
    }
    this.#listener.onState('starting');
    const run = this.#run;
    try {
      const stream = await this.#openStream(deviceId);
      if (run !== this.#run) stream.getTracks().forEach((track) => track.stop());
      else await this.#show(stream);
    } catch (error) {
      if (run === this.#run) this.#listener.onProblem(PROBLEMS[error.name] ?? 'failed');
    }
  }

  stop() {
    this.#wanted = false;
    this.#release();
    this.#listener.onState('off');
  }

  /** [{id, name, isCurrent}] of all cameras; names are known only after permission. */
  async cameras() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const current = this.#track?.getSettings().deviceId;
    return devices.filter((device) => device.kind === 'videoinput').map((device, index) => ({
      id: device.deviceId, name: device.label || say('camera_number', { number: index + 1 }), isCurrent: device.deviceId === current,
    }));
  }

  choose(deviceId) {
    localStorage.setItem(LAST_CAMERA, deviceId);
    return this.start(deviceId);
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  setTorch(isOn) {
    return this.#track.applyConstraints({ advanced: [{ torch: isOn }] });
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  async #openStream(deviceId) {
    try {
      return await navigator.mediaDevices.getUserMedia(wishFor(deviceId));
    } catch (error) {
      // The camera chosen yesterday may be unplugged today; any other will do.
      if (!deviceId || error.name !== 'OverconstrainedError') throw error;
      return navigator.mediaDevices.getUserMedia(wishFor(null));
    }
  }

  async #show(stream) {
    this.#stream = stream;
    this.#track.addEventListener('ended', () => this.#lost(stream));
    this.#video.srcObject = stream;
    await this.#video.play();
    this.#listener.onState('on');
    this.#watch(this.#run);
  }

  #lost(stream) {
    if (stream !== this.#stream) return;
    this.#release();
    this.#listener.onProblem('ended');
  }

  // One picture is under way at a time, so a slow phone reads fewer pictures instead of falling behind.
  async #watch(run) {
    while (run === this.#run) {
      await this.#nextPicture();
      if (run !== this.#run) return;
      if (this.#video.videoWidth > 0) await this.#listener.onPicture(this.#video);
    }
  }

  #nextPicture() {
    return new Promise((resolve) => {
      setTimeout(() => {
        // A stopped video never gives another picture, so the clock ends the wait as well.
        if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(resolve);
        setTimeout(resolve, 250);
      }, PAUSE_BETWEEN_PICTURES_MS);
    });
  }

  #release() {
    this.#run += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  #followVisibility() {
    if (!this.#wanted) return;
    if (document.hidden) this.#release();
    else if (!this.#stream) this.start();
  }
}
