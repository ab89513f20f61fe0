import type { Grid } from '@isola/kernels/grid';

/** What a structure is for. `external` is the patient's outline, `other` a helper of planning. */
export type StructureKind = 'target' | 'organ' | 'external' | 'other';

/** A named set of voxels of the case's grid. */
export interface Structure {
  readonly name: string;
  readonly kind: StructureKind;
  /** Linear indices into the case's grid, ascending, without repeats. */
  readonly voxels: Uint32Array;
}

/** Piecewise linear table from Hounsfield units to relative electron density; `hu` ascends. */
export interface HuTable {
  readonly name: string;
  readonly hu: readonly number[];
  readonly density: readonly number[];
}

/**
 * A patient or phantom: CT, structures, and how to read the CT.
 * Axes are patient LPS: x to the patient's left, y to posterior, z to superior (head first supine).
 */
export interface Case {
  /** A short name without patient identity, for example `tg119-c-shape` or `openkbp pt_187`. */
  readonly name: string;
  readonly grid: Grid;
  /** Hounsfield units, one a voxel. */
  readonly hu: Int16Array;
  readonly huTable: HuTable;
  readonly structures: readonly Structure[];
  /** A dose that came with the case, Gy for the whole course, on the case's grid. */
  readonly referenceDoseGy?: Float32Array;
}
