/* The worker that looks for QR codes, so that the page stays quick while it does. */

import { prepareZXingModule, readBarcodes } from '../vendor/zxing/reader/index.js';

const WASM = new URL('../vendor/zxing/reader/zxing_reader.wasm', import.meta.url).href;

prepareZXingModule({ overrides: { locateFile: () => WASM } });

self.onmessage = async ({ data: { number, pixels, width, height } }) => {
  try {
    const found = await readBarcodes(new ImageData(new Uint8ClampedArray(pixels), width, height), { formats: ['QRCode'] });
    self.postMessage({ number, texts: found.map((symbol) => symbol.text) });
  } catch (error) {
    self.postMessage({ number, failure: String(error) });
  }
};
