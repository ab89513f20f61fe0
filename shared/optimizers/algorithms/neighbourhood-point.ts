/** Points of a population with their costs and, where the problem offers images, those. */
import type { Image, Problem } from '../problem/index.js';
import { batchValues } from './batch-values.js';

export interface Neighbour {
  readonly x: Float64Array;
  readonly value: number;
  /** Null where the problem offers no coordinate moves. */
  readonly image: Image | null;
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
  const images = points.map(() => coordinateMoves.newImage());
  const values = new Float64Array(points.length);
  await coordinateMoves.images(points, images, values);
  return points.map((x, k) => ({ x, value: values[k], image: images[k] }));
}

/** More changed variables than this part of all cost more than the whole image. */
const FEW = 1 / 16;

/** Points that others become, by their columns where few variables change; with their images. */
export async function movedNeighbours(
  problem: Problem,
  moves: readonly { readonly from: Neighbour; readonly to: Float64Array }[],
): Promise<Neighbour[]> {
  const { coordinateMoves, size } = problem;
  const changed = moves.map(({ from, to }) => to.reduce((n, xi, i) => n + +(xi !== from.x[i]), 0));
  if (!coordinateMoves || changed.some((count) => count > FEW * size)) {
    return pricedNeighbours(
      problem,
      moves.map(({ to }) => to),
    );
  }
  const moving = coordinateMoves.movingPoint();
  return moves.map(({ from, to }) => {
    if (from.image === null) throw new Error('a point has no image though the problem offers them');
    moving.load(from.x, from.image);
    for (let i = 0; i < size; i++) if (to[i] !== from.x[i]) moving.move(i, to[i]);
    const image = coordinateMoves.newImage();
    moving.save(new Float64Array(size), image);
    return { x: to, image, value: coordinateMoves.imageValue(to, image) };
  });
}

/** factor * a + (1 - factor) * b. */
export function blendedImage(a: Image, b: Image, factor: number): Image {
  return {
    singles: blend(new Float32Array(a.singles.length), a.singles, b.singles, factor),
    doubles: blend(new Float64Array(a.doubles.length), a.doubles, b.doubles, factor),
  };
}

function blend<T extends Float32Array | Float64Array>(out: T, a: T, b: T, factor: number): T {
  for (let i = 0; i < out.length; i++) out[i] = factor * a[i] + (1 - factor) * b[i];
  return out;
}
