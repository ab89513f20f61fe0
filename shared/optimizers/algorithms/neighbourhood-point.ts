/** Points of a population with their costs and, where the problem offers images, those. */
import type { Problem } from '../problem/index.js';
import { batchValues } from './batch-values.js';

export interface Neighbour {
  readonly x: Float64Array;
  readonly value: number;
  /** Null where the problem offers no coordinate moves. */
  readonly image: Float32Array | null;
}

/** Computes the costs of points, and their images, many in one pass where the problem can. */
export async function pricedNeighbours(
  problem: Problem,
  points: readonly Float64Array[],
): Promise<Neighbour[]> {
  const { coordinateMoves } = problem;
  if (points.length === 0) return [];
  if (!coordinateMoves) {
    const values = await batchValues(problem, points);
    return points.map((x, k) => ({ x, value: values[k], image: null }));
  }
  const images = points.map(() => new Float32Array(coordinateMoves.imageSize));
  const values = new Float64Array(points.length);
  await coordinateMoves.images(points, images, values);
  return points.map((x, k) => ({ x, value: values[k], image: images[k] }));
}

/** factor * a + (1 - factor) * b. */
export function blendedImage(a: Float32Array, b: Float32Array, factor: number): Float32Array {
  const image = new Float32Array(a.length);
  for (let i = 0; i < image.length; i++) image[i] = factor * a[i] + (1 - factor) * b[i];
  return image;
}
