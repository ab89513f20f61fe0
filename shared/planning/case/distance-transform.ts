/**
 * Exact Euclidean distance transform on an anisotropic grid: one pass an axis, each the lower
 * envelope of parabolas. P. Felzenszwalb & D. Huttenlocher, Distance transforms of sampled
 * functions, Cornell Computing and Information Science TR2004-1963 (2004); Theory of Computing
 * 8:415-428 (2012).
 */
import type { Vec3 } from '@isola/kernels/grid';

/**
 * Squared distance in mm2 from the centre of every cell to the centre of the nearest cell whose
 * `mask` is not 0; Infinity where the mask is all 0. Cells are in the order of Grid.
 */
export function squaredDistancesMm2(mask: Uint8Array, size: Vec3, spacingMm: Vec3): Float64Array {
  const out = Float64Array.from(mask, (inside) => (inside ? 0 : Number.POSITIVE_INFINITY));
  const strides = [1, size[0], size[0] * size[1]];
  const envelope = makeEnvelope(Math.max(...size));
  for (let axis = 0; axis < 3; axis++) {
    const [next, last] = [0, 1, 2].filter((other) => other !== axis);
    for (let i = 0; i < size[last]; i++) {
      for (let j = 0; j < size[next]; j++) {
        const first = i * strides[last] + j * strides[next];
        transformLine(out, first, strides[axis], size[axis], spacingMm[axis], envelope);
      }
    }
  }
  return out;
}

/** Scratch of one line of n cells. */
interface Envelope {
  /** Positions of the parabolas' vertices, n. */
  readonly vertices: Float64Array;
  /** Heights of the vertices, n. */
  readonly heights: Float64Array;
  /** Where each parabola becomes the lowest, n. */
  readonly starts: Float64Array;
}

function makeEnvelope(n: number): Envelope {
  return {
    vertices: new Float64Array(n),
    heights: new Float64Array(n),
    starts: new Float64Array(n),
  };
}

/** data[p] becomes the least of data[q] + (p - q)^2 over the cells q of the line; p, q in mm. */
function transformLine(
  data: Float64Array,
  first: number,
  stride: number,
  n: number,
  spacingMm: number,
  { vertices, heights, starts }: Envelope,
): void {
  // The envelope from left to right: a parabola that is nowhere the lowest leaves.
  let count = 0;
  for (let q = 0; q < n; q++) {
    const height = data[first + q * stride];
    if (height === Number.POSITIVE_INFINITY) continue;
    const vertex = q * spacingMm;
    let start = Number.NEGATIVE_INFINITY;
    while (count > 0) {
      const k = count - 1;
      const distance = vertex - vertices[k];
      start = (vertex + vertices[k]) / 2 + (height - heights[k]) / (2 * distance);
      if (start > starts[k]) break;
      count--;
      start = Number.NEGATIVE_INFINITY;
    }
    vertices[count] = vertex;
    heights[count] = height;
    starts[count] = start;
    count++;
  }
  if (count === 0) return;

  // The envelope's height at every cell.
  let k = 0;
  for (let p = 0; p < n; p++) {
    const position = p * spacingMm;
    while (k + 1 < count && starts[k + 1] < position) k++;
    const distance = position - vertices[k];
    data[first + p * stride] = heights[k] + distance * distance;
  }
}
