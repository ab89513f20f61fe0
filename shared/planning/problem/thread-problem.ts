/**
 * A fluence problem that any thread opens for itself: the dose influence and the prices lie in the
 * arena, the terms are plain data. What is opened computes wholly in the calling thread, with the
 * bits that the problem of all threads has.
 */
import { type MatrixPlace, openMatrix, type SparseMatrix } from '@isola/kernels/backends';
import { doseMap } from '../dose/index.js';
import { createObjective, type ObjectiveSpec, type VoxelSet } from '../objectives/index.js';
import { fluenceMoves } from './fluence-moves.js';
import { type FluencePrices, isPricedByRow, placePrices } from './fluence-prices.js';
import { type FluenceProblem, fluenceProblem } from './fluence-problem.js';
import type { Term } from './term.js';

/** A term as plain data. */
export interface TermData extends Omit<Term, 'objective'> {
  readonly objective: ObjectiveSpec;
}

/** What threads are sent; no more than names and places, as long as it stays in the process. */
export interface SharedFluence {
  readonly matrix: MatrixPlace;
  readonly terms: readonly TermData[];
  readonly prices: FluencePrices | null;
}

/** Puts into shared memory what threads need to open the problem. */
export function shareFluence(matrix: SparseMatrix, terms: readonly TermData[]): SharedFluence {
  const { arena, rows, blocks } = matrix;
  const made = terms.map(termOf);
  return {
    matrix: { arena, rows, blocks },
    terms: terms.map(({ structure, objective, weight, voxels }) => ({
      ...{ structure, objective, weight },
      voxels: sharedVoxels(voxels),
    })),
    prices: made.every(isPricedByRow) ? placePrices(matrix, made) : null,
  };
}

/** The problem in the calling thread: no call waits for another thread. */
export function openFluence({ matrix, terms, prices }: SharedFluence): FluenceProblem {
  const own = openMatrix(matrix);
  const made = terms.map(termOf);
  return fluenceProblem(doseMap(own), made, prices && fluenceMoves(own, made, prices));
}

function termOf({ structure, objective, weight, voxels }: TermData): Term {
  return { structure, objective: createObjective(objective), weight, voxels };
}

function sharedVoxels({ rows, weights, total }: VoxelSet): VoxelSet {
  const sharedRows = new Uint32Array(new SharedArrayBuffer(rows.byteLength));
  sharedRows.set(rows);
  if (weights === null) return { rows: sharedRows, weights, total };
  const sharedWeights = new Float64Array(new SharedArrayBuffer(weights.byteLength));
  sharedWeights.set(weights);
  return { rows: sharedRows, weights: sharedWeights, total };
}
