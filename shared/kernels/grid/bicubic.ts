/**
 * Cubic convolution in two directions (Keys 1981, Cubic convolution interpolation for digital
 * image processing, a = -1/2: the Catmull-Rom spline): continuous with its derivative, equal to the
 * pixels at their centres, exact for quadratic images. Positions are in pixels from the centre of
 * pixel (0, 0). Pixels outside the image are 0.
 */
import type { Image } from './image.js';

/** Scratch of one call: weights of the four pixels around a position, and their derivatives. */
const weightsX = new Float64Array(4);
const slopesX = new Float64Array(4);
const weightsY = new Float64Array(4);
const slopesY = new Float64Array(4);

function setWeights(t: number, weights: Float64Array): void {
  weights[0] = t * (-0.5 + t * (1 - 0.5 * t));
  weights[1] = 1 + t * t * (-2.5 + 1.5 * t);
  weights[2] = t * (0.5 + t * (2 - 1.5 * t));
  weights[3] = t * t * (-0.5 + 0.5 * t);
}

function setSlopes(t: number, slopes: Float64Array): void {
  slopes[0] = -0.5 + t * (2 - 1.5 * t);
  slopes[1] = t * (-5 + 4.5 * t);
  slopes[2] = 0.5 + t * (4 - 4.5 * t);
  slopes[3] = t * (-1 + 1.5 * t);
}

/** Writes the value at (x, y) and its derivatives along x and y, per pixel, into `out`. */
export function sampleBicubic(image: Image, x: number, y: number, out: Float64Array): void {
  const { width, height, values } = image;
  const left = Math.floor(x) - 1;
  const top = Math.floor(y) - 1;
  setWeights(x - left - 1, weightsX);
  setSlopes(x - left - 1, slopesX);
  setWeights(y - top - 1, weightsY);
  setSlopes(y - top - 1, slopesY);
  let value = 0;
  let slopeX = 0;
  let slopeY = 0;
  for (let j = Math.max(0, -top); j < 4 && top + j < height; j++) {
    let rowValue = 0;
    let rowSlope = 0;
    const row = width * (top + j) + left;
    for (let i = Math.max(0, -left); i < 4 && left + i < width; i++) {
      rowValue += weightsX[i] * values[row + i];
      rowSlope += slopesX[i] * values[row + i];
    }
    value += weightsY[j] * rowValue;
    slopeX += weightsY[j] * rowSlope;
    slopeY += slopesY[j] * rowValue;
  }
  out[0] = value;
  out[1] = slopeX;
  out[2] = slopeY;
}

/** Adjoint of the value at (x, y): adds `amount` times the weight of each pixel to the image. */
export function addBicubic(image: Image, x: number, y: number, amount: number): void {
  const { width, height, values } = image;
  const left = Math.floor(x) - 1;
  const top = Math.floor(y) - 1;
  setWeights(x - left - 1, weightsX);
  setWeights(y - top - 1, weightsY);
  for (let j = Math.max(0, -top); j < 4 && top + j < height; j++) {
    const row = width * (top + j) + left;
    for (let i = Math.max(0, -left); i < 4 && left + i < width; i++) {
      values[row + i] += amount * weightsY[j] * weightsX[i];
    }
  }
}
