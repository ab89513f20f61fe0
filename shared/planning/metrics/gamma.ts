/**
 * Gamma index of two doses on one grid (Low et al., Med Phys 25:656, 1998). For each voxel of the
 * reference dose the smallest sqrt((dose difference / tolerance)^2 + (distance / tolerance)^2) to a
 * point of the evaluated dose; below 1 the two agree there.
 *
 * As in matRad the search covers a box of 1.5 times the distance tolerance to each side, so values
 * above 1.5 are upper bounds, and outside the grid the evaluated dose is 0.
 */
import type { Grid } from '@isola/kernels/grid';

export interface GammaCriteria {
  /** Dose tolerance, percent of what `normalization` says; also the threshold of pass rates. */
  readonly doseDifferencePercent: number;
  /** Distance to agreement. */
  readonly distanceMm: number;
  /** Percent of the reference dose's maximum, or of the reference dose in the voxel. */
  readonly normalization: 'global' | 'local';
  /** Between neighbouring voxels the evaluated dose is looked at in 2^n - 1 points more, n >= 0. */
  readonly refinements: number;
}

/**
 * Gamma of every voxel; 0 where both doses are 0, Infinity where a local tolerance is 0.
 */
export function gammaIndex(
  referenceGy: Float32Array | Float64Array,
  evaluatedGy: Float32Array | Float64Array,
  grid: Grid,
  criteria: GammaCriteria,
): Float32Array {
  const [nx, ny, nz] = grid.size;
  const search = searchPoints(grid, criteria);
  const { padding, distanceSquared, firstCorner, cornerOffset, cornerWeight } = search;
  const padded = pad(evaluatedGy, grid, padding);
  const [strideY, strideZ] = paddedStrides(grid, padding);
  const relative = criteria.doseDifferencePercent / 100;
  const globalGy = relative * maximum(referenceGy);

  const gamma = new Float32Array(referenceGy.length);
  for (let z = 0, voxel = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      let centre = padding[0] + strideY * (y + padding[1]) + strideZ * (z + padding[2]);
      for (let x = 0; x < nx; x++, voxel++, centre++) {
        const reference = referenceGy[voxel];
        if (reference <= 0 && evaluatedGy[voxel] <= 0) continue;
        const toleranceGy = criteria.normalization === 'global' ? globalGy : relative * reference;
        const toleranceSquared = toleranceGy * toleranceGy;
        let smallest = Infinity;
        // The points come nearest first: farther ones cannot win once their distance alone is more.
        for (let p = 0; p < distanceSquared.length && distanceSquared[p] < smallest; p++) {
          let evaluated = 0;
          for (let c = firstCorner[p]; c < firstCorner[p + 1]; c++) {
            evaluated += cornerWeight[c] * padded[centre + cornerOffset[c]];
          }
          const difference = reference - evaluated;
          const squared = (difference * difference) / toleranceSquared + distanceSquared[p];
          if (squared < smallest) smallest = squared;
        }
        gamma[voxel] = Math.sqrt(smallest);
      }
    }
  }
  return gamma;
}

/**
 * Percentage of voxels with gamma below 1, among those where either dose is above
 * `doseDifferencePercent` of its own maximum; NaN where there is none.
 * @param voxels count only these, for example a structure's; by default all
 */
export function gammaPassRatePercent(
  gamma: Float32Array,
  referenceGy: Float32Array | Float64Array,
  evaluatedGy: Float32Array | Float64Array,
  criteria: GammaCriteria,
  voxels?: Uint32Array,
): number {
  const relative = criteria.doseDifferencePercent / 100;
  const referenceThresholdGy = relative * maximum(referenceGy);
  const evaluatedThresholdGy = relative * maximum(evaluatedGy);
  let counted = 0;
  let passed = 0;
  const count = voxels === undefined ? gamma.length : voxels.length;
  for (let i = 0; i < count; i++) {
    const v = voxels === undefined ? i : voxels[i];
    if (referenceGy[v] > referenceThresholdGy || evaluatedGy[v] > evaluatedThresholdGy) {
      counted++;
      if (gamma[v] < 1) passed++;
    }
  }
  return (100 * passed) / counted;
}

/**
 * The points around a voxel where the evaluated dose is looked at, nearest first. Point p is the
 * weighted sum of the voxels firstCorner[p] ... firstCorner[p + 1] - 1 (trilinear interpolation).
 */
interface SearchPoints {
  /** How many voxels the points reach to each side, x y z. */
  readonly padding: readonly [number, number, number];
  /** (distance / tolerance)^2. */
  readonly distanceSquared: Float64Array;
  readonly firstCorner: Uint32Array;
  /** Relative to the centre voxel, in the padded evaluated dose. */
  readonly cornerOffset: Int32Array;
  readonly cornerWeight: Float64Array;
}

function searchPoints(grid: Grid, { distanceMm, refinements }: GammaCriteria): SearchPoints {
  const parts = 1 << refinements;
  const stepsMm = grid.spacingMm.map((spacing) => spacing / parts);
  const reach = stepsMm.map((stepMm) => Math.ceil((1.5 * distanceMm) / stepMm));
  const padding = reach.map((steps) => Math.ceil(steps / parts)) as [number, number, number];
  const [strideY, strideZ] = paddedStrides(grid, padding);

  const points: { distanceSquared: number; steps: readonly [number, number, number] }[] = [];
  for (let k = -reach[2]; k <= reach[2]; k++) {
    for (let j = -reach[1]; j <= reach[1]; j++) {
      for (let i = -reach[0]; i <= reach[0]; i++) {
        const [x, y, z] = [i * stepsMm[0], j * stepsMm[1], k * stepsMm[2]];
        const distanceSquared = (x * x + y * y + z * z) / (distanceMm * distanceMm);
        points.push({ distanceSquared, steps: [i, j, k] });
      }
    }
  }
  points.sort((a, b) => a.distanceSquared - b.distanceSquared);

  const firstCorner = new Uint32Array(points.length + 1);
  const cornerOffset: number[] = [];
  const cornerWeight: number[] = [];
  points.forEach(({ steps }, p) => {
    for (let corner = 0; corner < 8; corner++) {
      const voxel = [0, 0, 0];
      let weight = 1;
      for (let axis = 0; axis < 3; axis++) {
        const upper = (corner >> axis) & 1;
        const below = Math.floor(steps[axis] / parts);
        const fraction = steps[axis] / parts - below;
        voxel[axis] = below + upper;
        weight *= upper === 1 ? fraction : 1 - fraction;
      }
      if (weight === 0) continue;
      cornerOffset.push(voxel[0] + strideY * voxel[1] + strideZ * voxel[2]);
      cornerWeight.push(weight);
    }
    firstCorner[p + 1] = cornerOffset.length;
  });
  return {
    padding,
    distanceSquared: Float64Array.from(points, (point) => point.distanceSquared),
    firstCorner,
    cornerOffset: Int32Array.from(cornerOffset),
    cornerWeight: Float64Array.from(cornerWeight),
  };
}

function paddedStrides(grid: Grid, padding: readonly number[]): [number, number] {
  const strideY = grid.size[0] + 2 * padding[0];
  return [strideY, strideY * (grid.size[1] + 2 * padding[1])];
}

/** A copy of the dose with zeros around it, so that the search needs no bounds checks. */
function pad(
  doseGy: Float32Array | Float64Array,
  grid: Grid,
  padding: readonly [number, number, number],
): Float64Array {
  const [nx, ny, nz] = grid.size;
  const [strideY, strideZ] = paddedStrides(grid, padding);
  const padded = new Float64Array(strideZ * (nz + 2 * padding[2]));
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const row = nx * (y + ny * z);
      const start = padding[0] + strideY * (y + padding[1]) + strideZ * (z + padding[2]);
      padded.set(doseGy.subarray(row, row + nx), start);
    }
  }
  return padded;
}

function maximum(values: Float32Array | Float64Array): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  return largest;
}
