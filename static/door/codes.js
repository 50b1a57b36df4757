/* What a camera sees, a code reader types or a person writes, made into what the server knows. Pure. */

const TICKET = /^[A-Z2-7]{16}$/;
const REFERENCE = /^[0-9]{6}$/;
const PAIRING_LINK = /^(?:https?:\/\/([^/\s]+))?\S*\/door\/pair#([\w-]{16,200})$/;
const PAIRING_TOKEN = /^[\w-]{16,200}$/;

// A code reader presses keys, and a keyboard set to Russian turns those keys into Cyrillic letters.
const RUSSIAN_KEYS = 'йцукенгшщзфывапролдячсмить';
const LATIN_KEYS = 'qwertyuiopasdfghjklzxcvbnm';

// A person copies the shape of a letter. The digits 0, 1 and 8 are never part of a ticket.
const LOOKALIKES = { А: 'A', В: 'B', Е: 'E', К: 'K', М: 'M', Н: 'H', О: 'O', Р: 'P', С: 'C', Т: 'T', У: 'Y', Х: 'X',
  0: 'O', 1: 'I', 8: 'B' };

function translate(text, letterFor) {
  return Array.from(text, (letter) => letterFor(letter) ?? letter).join('');
}

function recognise(text) {
  if (REFERENCE.test(text)) return { code: null, reference: text };
  if (TICKET.test(text)) return { code: text, reference: null };
  return null;
}

/** The ticket in a QR's text; null for anything else, however much it resembles one. */
export function ticketInQr(text) {
  const code = text.trim();
  return TICKET.test(code) ? { code, reference: null } : null;
}

/** A ticket or reference written by a person: lower case, spaces, dashes and look-alike letters are fine. */
export function ticketInWriting(text) {
  const bare = text.replace(/[\s\-–—.]/g, '').toUpperCase();
  return recognise(bare) ?? recognise(translate(bare, (letter) => LOOKALIKES[letter])) ?? ticketFromReader(bare);
}

/** A ticket sent by a USB or Bluetooth code reader, whatever keyboard layout the phone or computer has. */
export function ticketFromReader(text) {
  const latin = translate(text.trim().toLowerCase(), (letter) => LATIN_KEYS[RUSSIAN_KEYS.indexOf(letter)]);
  return recognise(latin.toUpperCase());
}

/** The one-time token of a pairing link, QR or bare token: {token}, {elsewhere: host} or null. */
export function pairingIn(text, host) {
  const bare = text.trim();
  const link = PAIRING_LINK.exec(bare);
  if (link) return link[1] && link[1] !== host ? { elsewhere: link[1] } : { token: link[2] };
  return PAIRING_TOKEN.test(bare) ? { token: bare } : null;
}
