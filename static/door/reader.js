/* Pictures in, texts of QR codes out. The work is done in decoder.js. */

const FRAME_SIDE = 960;
const PHOTO_SIDE = 2000;

export class Reader {
  #worker = new Worker(new URL('./decoder.js', import.meta.url), { type: 'module' });
  #canvas = document.createElement('canvas');
  #waiting = new Map();
  #number = 0;

  constructor() {
    this.#worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if (data.failure) reject(new Error(data.failure));
      else resolve(data.texts);
    };
    this.#worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message));
      this.#waiting.clear();
    };
  }

  /** The texts of all QR codes in the video's present picture. */
  readFrame(video) {
    return this.#read(video, video.videoWidth, video.videoHeight, FRAME_SIDE);
  }

  /** The texts of all QR codes in a photo. Rejects where the browser can't open the file as a picture. */
  async readPhoto(file) {
    const picture = await createImageBitmap(file);
    try {
      return await this.#read(picture, picture.width, picture.height, PHOTO_SIDE);
    } finally {
      picture.close();
    }
  }

  #read(source, width, height, side) {
    const scale = Math.min(1, side / Math.max(width, height));
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(source, 0, 0, this.#canvas.width, this.#canvas.height);
    const image = context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      const pixels = image.data.buffer;
      this.#worker.postMessage({ number, pixels, width: image.width, height: image.height }, [pixels]);
    });
  }
}
