/* The door: pairs this phone, lets people in, and never loses a scan. The other files do the work. */

import { Problem, readSession } from './api.js';
import { ticketFromReader, ticketInQr, ticketInWriting } from './codes.js';
import { Lens } from './lens.js';
import { Pairing } from './pairing.js';
import {
  LastScans, showChoice, showCounts, showEvent, showNetwork, showNote, showOpening, showView, showWaiting,
} from './screen.js';
import { Store } from './store.js';
import { Sync } from './sync.js';
import { Tones } from './tones.js';
import { VerdictPanel, faceOf } from './verdict.js';
import { listenForReader } from './wedge.js';
import { say } from './words.js';

const PATIENCE_ONLINE_MS = 4000;
const PATIENCE_OFFLINE_MS = 1500;
const TRY_AGAIN_MS = 4000;

const byId = (id) => document.getElementById(id);

const tones = new Tones();
const panel = new VerdictPanel();
const lastScans = new LastScans();
const pairing = new Pairing(() => location.assign('/door'));
const lens = new Lens({ onText: takeFromCamera, onSeveral: clearForHint, isReady: isReadyForNext });
const answersAwaited = new Map();

let store;
let sync;
let session = null;
let chosenEvent = null;
let isChecking = false;
let line = []; // what a reader or a person sent while the door was still speaking
let lineTimer = null;

/* Opening */

async function open() {
  try {
    store = await Store.open();
  } catch {
    showOpening(say('no_storage'));
    return;
  }
  sync = new Sync(store, {
    onAnswers: takeAnswers,
    onRefused: (scan) => stopAwaiting(scan.id, { verdict: 'not_taken' }),
    onReply: takeReply,
    onNetwork: takeNetwork,
    onUnpaired: askToPair,
    onRevoked: forgetEverything,
  });
  if (location.hash.length > 1) {
    await askToPair();
    pairing.takeFromAddress();
  } else {
    await openSession();
  }
}

async function openSession() {
  try {
    session = await readSession();
    await store.keepFact('session', session);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return askToPair(error);
    session = await store.fact('session');
    if (!session) {
      showOpening(say('opening_no_network'));
      return setTimeout(openSession, TRY_AGAIN_MS);
    }
  }
  navigator.storage?.persist?.();
  const lastEvent = await store.fact('event');
  const events = session.events;
  const event = events.length === 1 ? events[0] : events.find(({ id }) => id === lastEvent);
  return event ? openEvent(event) : chooseEvent();
}

function chooseEvent() {
  lens.stop();
  showChoice(session.events, openEvent);
}

async function openEvent(event) {
  chosenEvent = event;
  await store.keepFact('event', event.id);
  lastScans.zone = event.zone;
  showEvent(session, event);
  showWaiting(await store.countWaiting());
  showNote(tones.isWaitingForTouch ? say('sound_waits') : '');
  sync.start();
  if (session.rights.scan) await lens.openIn(byId('scan-place'));
}

async function askToPair(problem) {
  if (problem?.code === 'device_revoked') return forgetEverything();
  lens.stop();
  showView('pair', say('pair_title'));
  const waiting = await store.countWaiting();
  showNote(waiting > 0 ? say('kept_until_paired', { count: waiting }) : '');
  return undefined;
}

/** The desk took this phone's right away: nothing of the event stays on it. */
async function forgetEverything() {
  sync.stop();
  lens.stop();
  session = null;
  chosenEvent = null;
  answersAwaited.clear();
  lastScans.clear();
  line = [];
  panel.forget();
  await store.wipe();
  for (const name of await window.caches?.keys() ?? []) await caches.delete(name);
  showView('pair', say('pair_title'));
  showNote(say('revoked'));
}

/* Scanning */

function isReadyForNext() {
  if (document.body.dataset.view !== 'scan') return true;
  return !isChecking && panel.staysFor === 0 && line.length === 0;
}

/** Takes what was sent in turn: each verdict stays its moment, and nobody's code is thrown away. */
function takeInTurn(ticket, source) {
  line.push({ ticket, source });
  goOn();
}

function goOn() {
  clearTimeout(lineTimer);
  if (isChecking || line.length === 0) return;
  if (panel.staysFor > 0) {
    lineTimer = setTimeout(goOn, panel.staysFor);
    return;
  }
  const { ticket, source } = line.shift();
  if (ticket) {
    check(ticket, source);
  } else {
    present(faceOf({ verdict: 'not_a_ticket' }));
    goOn();
  }
}

// An old verdict would hide the words that ask for one code at a time.
function clearForHint() {
  if (isReadyForNext()) panel.hide();
}

function takeFromCamera(text) {
  if (document.body.dataset.view === 'pair') {
    if (pairing.take(text)) {
      closePairingCamera();
      byId('pair-button').focus();
    }
    return;
  }
  takeQr(text, 'camera');
}

function takeQr(text, source) {
  takeInTurn(ticketInQr(text), source);
}

function takeFromReader(text) {
  if (document.body.dataset.view !== 'scan' || !session.rights.scan) return;
  byId('typed').value = '';
  showTypedProblem('');
  takeInTurn(ticketFromReader(text), 'wedge');
}

function takeTyped(event) {
  event.preventDefault();
  const field = byId('typed');
  const ticket = ticketInWriting(field.value);
  showTypedProblem(ticket ? '' : say('typed_wrong'));
  if (!ticket) {
    field.focus();
    return;
  }
  field.value = '';
  // The phone's own keyboard would cover the verdict.
  if (matchMedia('(pointer: coarse)').matches) field.blur();
  takeInTurn(ticket, 'typed');
}

function showTypedProblem(text) {
  byId('typed-error').textContent = text;
  byId('typed-error').hidden = text === '';
  byId('typed').setAttribute('aria-invalid', String(text !== ''));
}

async function takePhoto(event) {
  const [file] = event.target.files;
  event.target.value = '';
  if (!file) return;
  showNote(say('photo_reading'));
  try {
    const texts = [...new Set(await lens.readPhoto(file))];
    showNote(texts.length === 1 ? '' : say(texts.length === 0 ? 'photo_empty' : 'hint_several'));
    if (texts.length === 1) takeQr(texts[0], 'photo');
  } catch {
    showNote(say('photo_broken'));
  }
}

async function check(ticket, source) {
  isChecking = true;
  document.body.dataset.checking = 'true';
  showNote('');
  const scan = {
    id: newScanId(), event: chosenEvent.id, ...ticket, kind: 'in', scanned_at: new Date().toISOString(), source, shown: null,
  };
  try {
    await store.keepScan(scan);
    showWaiting(await store.countWaiting());
    const answer = await answerTo(scan);
    if (!session) return;
    if (!answer) await store.noteShown(scan.id, 'offline');
    present(faceOf(answer ?? { verdict: 'offline' }), scan.id);
  } catch {
    present(faceOf({ verdict: 'not_kept' }));
  } finally {
    isChecking = false;
    document.body.dataset.checking = 'false';
    goOn();
  }
}

// crypto.randomUUID is missing on plain http, where typed codes must work all the same.
function newScanId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The server's result, or null when it doesn't come while a person can be asked to wait. */
function answerTo(scan) {
  return new Promise((resolve) => {
    answersAwaited.set(scan.id, resolve);
    setTimeout(() => stopAwaiting(scan.id, null), sync.isOnline ? PATIENCE_ONLINE_MS : PATIENCE_OFFLINE_MS);
    sync.wake();
  });
}

function stopAwaiting(id, answer) {
  answersAwaited.get(id)?.(answer);
  return answersAwaited.delete(id);
}

function present(face, scanId = null) {
  panel.show(face, scanId);
  tones.play(face.colour);
  if (scanId) lastScans.put(scanId, face);
}

/* What the server says */

async function takeAnswers(answers) {
  const late = answers.filter(([scan, result]) => !stopAwaiting(scan.id, result));
  for (const [scan, result] of late) {
    const face = faceOf(result);
    if (panel.scanId === scan.id) present(face, scan.id);
    else lastScans.put(scan.id, face);
  }
  if (late.length > 0) {
    const good = late.filter(([, result]) => faceOf(result).colour === 'green').length;
    showNote(say('sent_later', { count: late.length, good, other: late.length - good }));
  }
  showWaiting(await store.countWaiting());
}

function takeReply(reply) {
  const counts = reply.counts[chosenEvent.id];
  if (counts) showCounts(counts);
}

function takeNetwork(isOnline) {
  showNetwork(isOnline);
  if (!isOnline) for (const id of [...answersAwaited.keys()]) stopAwaiting(id, null);
}

/* Buttons */

function closePairingCamera() {
  lens.stop();
  byId('lens').hidden = true;
  byId('pair-camera').hidden = false;
}

function openPairingCamera() {
  byId('pair-camera').hidden = true;
  return lens.openIn(byId('pair-place'), { isAskedFor: true });
}

function showSound() {
  const button = byId('sound');
  button.setAttribute('aria-pressed', String(!tones.isMuted));
  button.dataset.muted = String(tones.isMuted);
}

document.addEventListener('pointerup', () => {
  if (byId('note').textContent === say('sound_waits')) showNote('');
});
byId('typed-form').addEventListener('submit', takeTyped);
byId('photo').addEventListener('change', takePhoto);
byId('change-event').addEventListener('click', chooseEvent);
byId('pair-camera').addEventListener('click', openPairingCamera);
byId('sound').addEventListener('click', () => {
  tones.mute(!tones.isMuted);
  showSound();
});
listenForReader(takeFromReader);
showSound();
open();
