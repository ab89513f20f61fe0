/**
 * Fewer rows for the many optimisations of a search: voxels far from every target are put together
 * in boxes, and a box counts with the mean of its voxels' dose. Unlike a sample, boxes leave no
 * voxel unseen: a hot spot between samples costs nothing, one in a box does. Targets and small
 * structures keep every voxel; a box never mixes voxels of different structures.
 */
import type { Grid, Vec3 } from '@isola/kernels/grid';
import { squaredDistancesMm2 } from '../case/distance-transform.js';
import type { Structure } from '../case/index.js';
import type { DoseVoxels } from '../dose/index.js';
import type { VoxelSet } from '../objectives/index.js';
import type { TermSpec } from './terms.js';

export interface ClusterSpec {
  /** Edge of a box within `nearMm` of a target, and beyond. */
  readonly nearEdgeMm: number;
  readonly farEdgeMm: number;
  readonly nearMm: number;
  /** Structures with fewer voxels keep them all. */
  readonly smallestClustered: number;
}

/** What keeps the cost on all voxels within 1 % of the best for a set of beams (`bench angles`). */
export const DEFAULT_CLUSTERS: ClusterSpec = {
  nearEdgeMm: 7,
  farEdgeMm: 9,
  nearMm: 12,
  smallestClustered: 2500,
};

/** Terms of a cost on clusters, and the voxels whose doses are averaged. */
export interface ClusteredTerms {
  /** Where dose is computed; of far boxes in a lattice of one voxel in eight. */
  readonly voxels: DoseVoxels;
  /** The cluster of each of `voxels`. */
  readonly clusterOf: Uint32Array;
  readonly clusters: number;
  /** Voxels in each cluster. */
  readonly sizes: Float32Array;
  /** Rows are clusters; a cluster weighs as many voxels as it holds. */
  readonly terms: readonly ClusterTerm[];
  /** The coarse cluster of each cluster: boxes of twice the edge. */
  readonly coarseOf: Uint32Array;
  readonly coarseClusters: number;
  /**
   * The terms on coarse clusters. A convex objective of a mean is no more than the mean of the
   * objective (Jensen's inequality), so this cost is a lower bound of the other.
   */
  readonly coarseTerms: readonly ClusterTerm[];
}

/** A term as plain data. */
export interface ClusterTerm extends TermSpec {
  readonly voxels: VoxelSet;
}

/** A box for every voxel: boxes of single voxels, of the near and of the far lattice. */
interface Boxes {
  /** The box of each of `voxels`, and the coarse box around it. */
  readonly keys: Float64Array;
  readonly coarseKeys: Float64Array;
  readonly voxels: Uint32Array;
  /** Far boxes: a rank-1 lattice, as dense in every row of voxels. */
  readonly isSample: Uint8Array;
}

/** Puts the voxels of structures, all on `grid`, into clusters. */
export function clusterTerms(
  structures: readonly Structure[],
  specs: readonly TermSpec[],
  grid: Grid,
  spec: ClusterSpec,
): ClusteredTerms {
  const boxes = boxesOf(structures, grid, spec);
  const [numberOf, coarseNumberOf] = [boxes.keys, boxes.coarseKeys].map(numbered);
  const clusters = numberOf.size;
  const clusterAt = new Int32Array(grid.size[0] * grid.size[1] * grid.size[2]).fill(-1);
  const hasSample = new Uint8Array(clusters);
  const sizes = new Float32Array(clusters);
  const coarseOf = new Uint32Array(clusters);
  boxes.voxels.forEach((v, i) => {
    const cluster = numberOf.get(boxes.keys[i]) as number;
    clusterAt[v] = cluster;
    hasSample[cluster] |= boxes.isSample[i];
    sizes[cluster]++;
    coarseOf[cluster] = coarseNumberOf.get(boxes.coarseKeys[i]) as number;
  });
  const voxels = boxes.voxels.filter((v, i) => !hasSample[clusterAt[v]] || boxes.isSample[i]);
  const termsAt = (rowOf: (voxel: number) => number) => {
    const sets = new Map(structures.map(({ name, voxels: of }) => [name, weighed(of, rowOf)]));
    return specs.map((term) => ({ ...term, voxels: sets.get(term.structure) as VoxelSet }));
  };
  return {
    ...{ clusters, sizes, coarseOf, coarseClusters: coarseNumberOf.size },
    voxels: { grid, voxels },
    clusterOf: voxels.map((v) => clusterAt[v]),
    terms: termsAt((v) => clusterAt[v]),
    coarseTerms: termsAt((v) => coarseOf[clusterAt[v]]),
  };
}

/** Keys numbered by their size. */
function numbered(keys: Float64Array): Map<number, number> {
  const distinct = Float64Array.from(new Set(keys)).sort();
  return new Map(Array.from(distinct, (key, number) => [key, number]));
}

function boxesOf(structures: readonly Structure[], grid: Grid, spec: ClusterSpec): Boxes {
  const [nx, ny, nz] = grid.size;
  const count = nx * ny * nz;
  const members = membership(structures, count);
  const whole = keptWhole(structures, count, spec.smallestClustered);
  const targets = structures.filter(({ kind }) => kind === 'target');
  const inTarget = new Uint8Array(count);
  for (const { voxels } of targets) for (const v of voxels) inTarget[v] = 1;
  const distancesMm2 = squaredDistancesMm2(inTarget, grid.size, grid.spacingMm);
  const edges = [[1, 1, 1], edgeVoxels(grid, spec.nearEdgeMm), edgeVoxels(grid, spec.farEdgeMm)];
  const voxels = Uint32Array.from(members.of.keys()).filter((v) => members.of[v] > 0);
  const isSample = new Uint8Array(voxels.length);
  const keys = new Float64Array(voxels.length);
  const coarseKeys = new Float64Array(voxels.length);
  voxels.forEach((v, i) => {
    const level = whole[v] ? 0 : distancesMm2[v] < spec.nearMm * spec.nearMm ? 1 : 2;
    const [ex, ey, ez] = edges[level];
    const [x, y, z] = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))];
    const key = (factor: number) => {
      const [bx, by, bz] = [x / (factor * ex), y / (factor * ey), z / (factor * ez)].map(
        Math.floor,
      );
      return (level * count + bx + nx * (by + ny * bz)) * members.kinds + members.of[v];
    };
    keys[i] = key(1);
    coarseKeys[i] = key(2);
    isSample[i] = level < 2 || (x + 2 * y + 3 * z) % 8 === 0 ? 1 : 0;
  });
  return { keys, coarseKeys, voxels, isSample };
}

/** A number for each set of structures that a voxel belongs to; 0: none. */
function membership(structures: readonly Structure[], count: number) {
  const of = new Int32Array(count);
  const numbers = new Map<number, number>();
  structures.forEach(({ voxels }, s) => {
    for (const v of voxels) {
      const key = of[v] * structures.length + s;
      const known = numbers.get(key) ?? numbers.size + 1;
      numbers.set(key, known);
      of[v] = known;
    }
  });
  return { of, kinds: numbers.size + 1 };
}

function keptWhole(structures: readonly Structure[], count: number, smallest: number) {
  const whole = new Uint8Array(count);
  for (const { kind, voxels } of structures) {
    if (kind === 'target' || voxels.length < smallest) for (const v of voxels) whole[v] = 1;
  }
  return whole;
}

function edgeVoxels({ spacingMm }: Grid, edgeMm: number): Vec3 {
  const [x, y, z] = spacingMm.map((mm) => Math.max(1, Math.round(edgeMm / mm)));
  return [x, y, z];
}

function weighed(voxels: Uint32Array, rowOf: (voxel: number) => number): VoxelSet {
  const weights = new Map<number, number>();
  for (const v of voxels) {
    const row = rowOf(v);
    weights.set(row, (weights.get(row) ?? 0) + 1);
  }
  const rows = Uint32Array.from(weights.keys()).sort();
  return {
    rows,
    weights: Float64Array.from(rows, (row) => weights.get(row) as number),
    total: voxels.length,
  };
}
