import { Fft } from './fft.js';

/** Columns transformed together: one cache line of each row. */
const COLUMNS = 8;

/**
 * Transforms of images of one size, powers of two, in place; linear index = x + width * y.
 * Conventions as in `Fft`.
 */
export class Fft2d {
  private readonly rows: Fft;
  private readonly columns: Fft;
  private readonly scratchRe: Float64Array;
  private readonly scratchIm: Float64Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.rows = new Fft(width);
    this.columns = width === height ? this.rows : new Fft(height);
    this.scratchRe = new Float64Array(COLUMNS * height);
    this.scratchIm = new Float64Array(COLUMNS * height);
  }

  /** Transforms an image whose rows from `usedRows` on are 0. */
  forward(re: Float64Array, im: Float64Array, usedRows = this.height): void {
    for (let y = 0; y < usedRows; y++) this.rows.forward(re, im, y * this.width);
    this.transformColumns(re, im);
  }

  /** Undoes `forward`; the rows from `usedRows` on are left undefined. */
  inverse(re: Float64Array, im: Float64Array, usedRows = this.height): void {
    this.transformColumns(im, re);
    for (let y = 0; y < usedRows; y++) this.rows.forward(im, re, y * this.width);
    const factor = 1 / (this.width * this.height);
    for (let i = 0; i < usedRows * this.width; i++) {
      re[i] *= factor;
      im[i] *= factor;
    }
  }

  private transformColumns(re: Float64Array, im: Float64Array): void {
    const { width, height, scratchRe, scratchIm } = this;
    for (let x0 = 0; x0 < width; x0 += COLUMNS) {
      const count = Math.min(COLUMNS, width - x0);
      for (let y = 0; y < height; y++) {
        for (let c = 0; c < count; c++) {
          scratchRe[c * height + y] = re[y * width + x0 + c];
          scratchIm[c * height + y] = im[y * width + x0 + c];
        }
      }
      for (let c = 0; c < count; c++) this.columns.forward(scratchRe, scratchIm, c * height);
      for (let y = 0; y < height; y++) {
        for (let c = 0; c < count; c++) {
          re[y * width + x0 + c] = scratchRe[c * height + y];
          im[y * width + x0 + c] = scratchIm[c * height + y];
        }
      }
    }
  }
}
