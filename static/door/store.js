/* What this phone must not forget: scans that the server hasn't answered, and what it is paired for. */

const NAME = 'lectern-door';
const VERSION = 1;

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

export class Store {
  #database;

  constructor(database) {
    this.#database = database;
    // Another tab that wipes or upgrades must not wait for this one for ever.
    database.onversionchange = () => database.close();
  }

  static async open() {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('scans', { keyPath: 'id' });
      request.result.createObjectStore('facts');
    };
    return new Store(await settled(request));
  }

  /** Returns only when the scan is on the disk: nothing is shown to anybody before that. */
  async keepScan(scan) {
    const transaction = this.#database.transaction('scans', 'readwrite', { durability: 'strict' });
    transaction.objectStore('scans').put({ ...scan, refusals: 0 });
    await completed(transaction);
  }

  /** Adds what the door said by itself to a scan that is still to send. */
  async noteShown(id, verdict) {
    const transaction = this.#database.transaction('scans', 'readwrite');
    const scans = transaction.objectStore('scans');
    const scan = await settled(scans.get(id));
    if (scan) scans.put({ ...scan, shown: verdict });
    await completed(transaction);
  }

  /** Scans still to send, those that the server refused before last, else in the order of scanning. */
  async waitingScans() {
    const scans = await settled(this.#database.transaction('scans').objectStore('scans').getAll());
    return scans.sort((a, b) => a.refusals - b.refusals || a.scanned_at.localeCompare(b.scanned_at));
  }

  async countWaiting() {
    return settled(this.#database.transaction('scans').objectStore('scans').count());
  }

  async forgetScans(ids) {
    const transaction = this.#database.transaction('scans', 'readwrite');
    for (const id of ids) transaction.objectStore('scans').delete(id);
    await completed(transaction);
  }

  /** Remembers that the server couldn't take this scan, so that it doesn't hold up the others. */
  async markRefused(scan) {
    const transaction = this.#database.transaction('scans', 'readwrite');
    transaction.objectStore('scans').put({ ...scan, refusals: scan.refusals + 1 });
    await completed(transaction);
  }

  async fact(name) {
    return settled(this.#database.transaction('facts').objectStore('facts').get(name));
  }

  async keepFact(name, value) {
    const transaction = this.#database.transaction('facts', 'readwrite');
    transaction.objectStore('facts').put(value, name);
    await completed(transaction);
  }

  /** Leaves nothing of the event on this phone. */
  async wipe() {
    const transaction = this.#database.transaction(['scans', 'facts'], 'readwrite');
    transaction.objectStore('scans').clear();
    transaction.objectStore('facts').clear();
    await completed(transaction);
    this.#database.close();
    indexedDB.deleteDatabase(NAME);
  }
}
