/* Requests to our own server. Whatever isn't a clear answer counts as having no network. */

import { locale } from './words.js';

const PATIENCE_MS = 8000;

/** The server answered and said no: its problem+json. */
export class Problem extends Error {
  constructor(status, { title = '', detail = '', code = '' } = {}) {
    super(detail || title);
    this.status = status;
    this.code = code;
  }
}

/** No answer, or one that isn't ours: no network, a dead server, a hotel's log-in page. */
export class Unreachable extends Error {}

async function request(path, options) {
  try {
    return await fetch(path, { ...options, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

async function jsonOf(response) {
  if (!/\bjson\b/.test(response.headers.get('Content-Type') ?? '')) throw new Unreachable('not our answer');
  try {
    return await response.json();
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

async function call(method, path, body) {
  // The page may be in another language than the browser, and verdicts come in words.
  const headers = { Accept: 'application/json', 'Accept-Language': locale };
  if (body) headers['Content-Type'] = 'application/json';
  const response = await request(path, { method, headers, body: body && JSON.stringify(body) });
  if (response.status >= 500) throw new Unreachable(`the server answered ${response.status}`);
  const answer = await jsonOf(response);
  if (!response.ok) throw new Problem(response.status, answer);
  return answer;
}

export const readSession = () => call('GET', '/api/v1/door/session');
export const pairDevice = (token, name) => call('POST', '/api/v1/door/pair', { token, device_name: name });
export const exchangeScans = (parcel) => call('POST', '/api/v1/door/sync', parcel);
