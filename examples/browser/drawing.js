/**
 * The pad to draw on, and pictures that are dropped there, as 28 by 28 numbers.
 *
 * @module
 */

const SIDE = 28;

/** Makes a canvas a pad that tells `changed` of its numbers whenever they change. */
export function openPad(pad, changed) {
  const g = pad.getContext("2d", { willReadFrequently: true });
  let last = null, timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => changed(numbersOf(pad)), 60);
  };
  const clear = () => {
    g.fillStyle = "#000";
    g.fillRect(0, 0, pad.width, pad.height);
  };
  const at = (event) => {
    const box = pad.getBoundingClientRect();
    return [
      (event.clientX - box.left) * pad.width / box.width,
      (event.clientY - box.top) * pad.height / box.height,
    ];
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = at(event);
    stroke(g, last, last);
    later();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = at(event);
    stroke(g, last, next);
    last = next;
    later();
  });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => last = null);
  clear();
  return {
    clear,
    /** Puts a picture on the pad, whole and as large as fits. */
    async show(file) {
      const bitmap = await createImageBitmap(file),
        scale = Math.min(pad.width / bitmap.width, pad.height / bitmap.height);
      const [width, height] = [bitmap.width * scale, bitmap.height * scale];
      clear();
      g.imageSmoothingQuality = "high";
      g.drawImage(bitmap, (pad.width - width) / 2, (pad.height - height) / 2, width, height);
      darken(g, pad);
      changed(numbersOf(pad));
    },
  };
}

function stroke(g, [x0, y0], [x1, y1]) {
  g.strokeStyle = "#fff";
  g.lineWidth = 26;
  g.lineCap = g.lineJoin = "round";
  g.beginPath();
  g.moveTo(x0, y0);
  g.lineTo(x1 + 0.01, y1);
  g.stroke();
}

/** Makes a picture gray, and inverts one whose rim is light: the garments of the data set lie on black. */
function darken(g, { width, height }) {
  const image = g.getImageData(0, 0, width, height), { data } = image;
  let rim = 0, count = 0;
  for (let i = 0; i < data.length; i += 4) {
    const gray = 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    data[i] = data[i + 1] = data[i + 2] = gray;
    const x = (i / 4) % width, y = Math.floor(i / 4 / width);
    if (x < 4 || y < 4 || x >= width - 4 || y >= height - 4) {
      rim += gray;
      count++;
    }
  }
  if (rim / count > 127) {
    for (let i = 0; i < data.length; i += 4) data[i] = data[i + 1] = data[i + 2] = 255 - data[i];
  }
  g.putImageData(image, 0, 0);
}

/** Means of squares of the pad, from 0 to 1. */
function numbersOf(pad) {
  const { data } = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height), step = pad.width / SIDE;
  const numbers = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < pad.height; y++) {
    for (let x = 0; x < pad.width; x++) {
      numbers[Math.floor(y / step) * SIDE + Math.floor(x / step)] += data[4 * (y * pad.width + x)] / 255;
    }
  }
  return numbers.map((sum) => sum / (step * step));
}
