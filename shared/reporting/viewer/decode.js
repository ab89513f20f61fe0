// @ts-check
/** Reads what `volumes.ts` packed into the page. */

/** @typedef {import('../volumes.js').EmbeddedVolumes} EmbeddedVolumes */

/** @param {EmbeddedVolumes} volumes */
export async function decodeVolumes({ ct, dose, structures }) {
  const [ctCodes, doseBytes, runBytes] = await Promise.all(
    [ct.data, dose.data, structures.data].map(unpacked),
  );
  return {
    ct: { grid: ct.grid, hu: Int16Array.from(ctCodes, (code) => ct.huOfCode[code]) },
    dose: { grid: dose.grid, doseGy: summed(doseBytes, dose.quantumGy) },
    structures: { grid: structures.grid, runs: split(runBytes, structures.runCounts) },
  };
}

/** @param {string} base64 */
async function unpacked(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/**
 * @param {Uint8Array} bytes low bytes of the differences, then high bytes
 * @param {number} quantumGy
 */
function summed(bytes, quantumGy) {
  const count = bytes.length / 2;
  const doseGy = new Float32Array(count);
  let code = 0;
  for (let i = 0; i < count; i++) {
    code = (code + bytes[i] + 256 * bytes[count + i]) & 0xffff;
    doseGy[i] = code * quantumGy;
  }
  return doseGy;
}

/**
 * @param {Uint8Array} bytes
 * @param {readonly number[]} runCounts
 */
function split(bytes, runCounts) {
  const numbers = new Uint32Array(bytes.buffer);
  let at = 0;
  return runCounts.map((count) => {
    const runs = numbers.slice(at, at + 2 * count);
    at += 2 * count;
    let end = 0;
    for (let k = 0; k < runs.length; k += 2) {
      runs[k] += end;
      end = runs[k] + runs[k + 1];
    }
    return runs;
  });
}
