/** What a thread does for a condensed beam: its columns on clusters of voxels, group by group. */
import { packTiles, TILE_COLUMNS, type Tile } from '@isola/kernels/sparse';
import { FORM_NUMBERS } from './beam-frames.js';
import { packCondensed } from './condensed-beam.js';
import type { RowClusters } from './row-clusters.js';
import { type BlockTask, columnOnRows } from './thread.js';

export interface CondenseTask extends BlockTask, Omit<RowClusters, 'clusterOf'> {
  /** Beamlets of each group, at most 16. */
  readonly groups: readonly Uint32Array[];
  /** uint32[rows]: the cluster of each row. */
  readonly clusterOf: number;
  readonly tolerances: GroupTolerances;
  readonly looseTolerances: GroupTolerances;
}

/** Parts of a group's largest dose: what its beamlets may differ by and still share a mean. */
export interface GroupTolerances {
  /** In clusters of one voxel: targets, where the cost is steep, and small organs. */
  readonly voxel: number;
  /** In boxes. */
  readonly box: number;
}

/** The columns of a group: values of all its beamlets side by side, cluster by cluster. */
interface GroupColumns {
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

export function condenseBeam(task: CondenseTask): SharedArrayBuffer {
  const { groups, clusters, sizes, tolerances, looseTolerances } = task;
  const clusterOf = new Uint32Array(task.arena.memory.buffer, task.clusterOf, task.rows);
  const samples = new Float32Array(clusters);
  for (const cluster of clusterOf) samples[cluster]++;
  const beamlets = groups.reduce((sum, group) => sum + group.length, 0);
  const onClusters = ({ box, voxel }: GroupTolerances) =>
    new TileMaker(
      clusters,
      beamlets,
      sizes.map((size) => (size > 1 ? box : voxel)),
    );
  const [fine, loose] = [tolerances, looseTolerances].map(onClusters);
  const coarseTolerances = new Float32Array(task.coarseClusters).fill(tolerances.box);
  const coarse = new TileMaker(task.coarseClusters, beamlets, coarseTolerances);
  for (const columns of groups) {
    const group = groupColumns(task, columns, clusterOf, samples);
    fine.add(group);
    loose.add(group);
    coarse.add(coarseColumns(task, group));
  }
  return packCondensed(beamlets, groups, [fine.pack(), coarse.pack(), loose.pack()]);
}

/** Makes the tiles of a beam out of its groups, one after the other. */
class TileMaker {
  private readonly own: Tile[] = [];
  private readonly means: Tile[] = [];
  /** Means of up to 16 groups, side by side. */
  private shared: Float32Array;

  constructor(
    private readonly rows: number,
    private readonly beamlets: number,
    /** Of each cluster. */
    private readonly tolerances: Float32Array,
  ) {
    this.shared = new Float32Array(rows * TILE_COLUMNS);
  }

  add(group: GroupColumns): void {
    const place = this.own.length % TILE_COLUMNS;
    this.own.push(splitGroup(group, this.tolerances, this.shared, place));
    if (place === TILE_COLUMNS - 1) this.closeMeans();
  }

  pack(): ArrayBuffer {
    if (this.own.length % TILE_COLUMNS > 0) this.closeMeans();
    return packTiles(this.rows, this.beamlets + this.own.length, [...this.own, ...this.means]);
  }

  private closeMeans(): void {
    const first = TILE_COLUMNS * this.means.length;
    const columns = Uint32Array.from(
      { length: this.own.length - first },
      (_, k) => this.beamlets + first + k,
    );
    this.means.push(meansTile(columns, this.shared));
    this.shared = new Float32Array(this.shared.length);
  }
}

/** Means over the clusters that a coarse one unites. */
function coarseColumns(
  { coarseOf, coarseClusters, sizes }: CondenseTask,
  { columns, values }: GroupColumns,
): GroupColumns {
  const count = columns.length;
  const coarse = new Float32Array(count * coarseClusters);
  const totals = new Float32Array(coarseClusters);
  for (let c = 0; c < coarseOf.length; c++) {
    totals[coarseOf[c]] += sizes[c];
    const at = count * coarseOf[c];
    for (let k = 0; k < count; k++) coarse[at + k] += sizes[c] * values[count * c + k];
  }
  for (let c = 0; c < coarseClusters; c++) {
    for (let k = 0; k < count; k++) coarse[count * c + k] /= totals[c];
  }
  return { columns, values: coarse };
}

/** Mean dose of a group's beamlets in every cluster. */
function groupColumns(
  task: CondenseTask,
  columns: Uint32Array,
  clusterOf: Uint32Array,
  samples: Float32Array,
): GroupColumns {
  const count = columns.length;
  const values = new Float32Array(samples.length * count);
  for (let k = 0; k < count; k++) {
    const at = FORM_NUMBERS * columns[k];
    const column = columnOnRows(task, task.frames.subarray(at, at + FORM_NUMBERS));
    addColumn(column, clusterOf, values, count, k);
  }
  for (let c = 0; c < samples.length; c++) {
    for (let k = 0; k < count; k++) values[count * c + k] /= samples[c];
  }
  return { columns, values };
}

/** Adds a beamlet's doses to their clusters, `stride` apart. */
function addColumn(
  { runs, values: doses }: ReturnType<typeof columnOnRows>,
  clusterOf: Uint32Array,
  values: Float32Array,
  stride: number,
  k: number,
): void {
  let at = 0;
  for (let r = 0; r < runs.length; r += 3) {
    const first = runs[r];
    const length = runs[r + 1];
    for (let i = 0; i < length; i++) values[stride * clusterOf[first + i] + k] += doses[at + i];
    at += 4 * Math.ceil(length / 4);
  }
}

/**
 * The values that a group's beamlets have of their own. Where they differ by less than the
 * tolerance their mean goes into `shared`, element `place` of 16 in each cluster.
 */
function splitGroup(
  { columns, values }: GroupColumns,
  tolerances: Float32Array,
  shared: Float32Array,
  place: number,
): Tile {
  const count = columns.length;
  const clusters = values.length / count;
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  const rows = new Uint32Array(clusters);
  let kept = 0;
  for (let c = 0; c < clusters; c++) {
    let low = Infinity;
    let high = 0;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const value = values[count * c + k];
      sum += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > tolerances[c] * largest) rows[kept++] = c;
    else shared[TILE_COLUMNS * c + place] = sum / count;
  }
  return pickRows({ columns, values }, rows.slice(0, kept));
}

/** The tile of groups' means, without the rows that have none. */
function meansTile(columns: Uint32Array, shared: Float32Array): Tile {
  const clusters = shared.length / TILE_COLUMNS;
  const count = columns.length;
  const rows = new Uint32Array(clusters);
  let kept = 0;
  for (let c = 0; c < clusters; c++) {
    let isEmpty = true;
    for (let k = 0; k < count; k++) if (shared[TILE_COLUMNS * c + k] > 0) isEmpty = false;
    if (!isEmpty) rows[kept++] = c;
  }
  const values = new Float32Array(count * kept);
  for (let r = 0; r < kept; r++) {
    const from = TILE_COLUMNS * rows[r];
    for (let k = 0; k < count; k++) values[count * r + k] = shared[from + k];
  }
  return { columns, rows: rows.slice(0, kept), values };
}

function pickRows({ columns, values }: GroupColumns, rows: Uint32Array): Tile {
  const count = columns.length;
  const picked = new Float32Array(count * rows.length);
  for (let r = 0; r < rows.length; r++) {
    const from = count * rows[r];
    for (let k = 0; k < count; k++) picked[count * r + k] = values[from + k];
  }
  return { columns, rows, values: picked };
}
