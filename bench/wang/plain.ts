/**
 * The algorithm as Wang, Huang & Bao (2009) print it, section 1.3, in plain TypeScript: what ours
 * is measured against on the same machine. One thread; every candidate's F from its whole dose.
 * The numbers of each line below are those of the steps.
 */
import type { SparseMatrix } from '@isola/kernels/backends';
import { RandomStream } from '@isola/kernels/random';
import { costOfDose } from '@isola/planning/problem';
import { COOLING, EPOCH_GENERATIONS, ISLANDS, MUTATION, PAIRS, TEMPERATURE } from './settings.js';
import { judge } from './stop-rule.js';
import { PRESCRIBED_GY, type WangProblem } from './wang-problem.js';

/** A matrix by rows: of row r the entries from starts[r] to starts[r + 1]. */
export interface RowMatrix {
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: Float32Array;
}

export interface PlainRun {
  readonly candidates: number;
  readonly seconds: number;
  readonly objective: number;
  /** Null where the time was over first. */
  readonly secondsToStopRule: number | null;
}

interface Individual {
  x: Float64Array;
  cost: number;
}

/** Runs until the stop rule is met or the time is over, looked at after every epoch. */
export function runPlain(
  problem: WangProblem,
  matrix: RowMatrix,
  seed: number,
  limitSeconds: number,
): PlainRun {
  const { wangCase, rows, terms, uniform, upper } = problem;
  const dose = new Float32Array(problem.influence.rows);
  const random = uniformNumbers(seed);
  let candidates = 0;
  const evaluated = (x: Float64Array): Individual => {
    candidates++;
    multiply(matrix, x, dose);
    return { x, cost: costOfDose(terms, dose) };
  };
  const startMs = performance.now();
  const elapsed = () => (performance.now() - startMs) / 1000;
  // 1.1, 1.2
  const islands = Array.from({ length: ISLANDS }, () =>
    Array.from({ length: 2 * PAIRS + 1 }, () =>
      evaluated(uniform.map((weight) => 2 * weight * random())),
    ),
  );
  // 1.3
  let temperature = TEMPERATURE;
  for (;;) {
    // 3
    for (const island of islands) {
      for (let generation = 0; generation < EPOCH_GENERATIONS; generation++) {
        if (elapsed() > limitSeconds) break;
        evolve(island, temperature, upper, random, evaluated);
      }
    }
    // 4
    const best = islands.flat().reduce((a, b) => (b.cost < a.cost ? b : a));
    for (const island of islands) replaceWorst(island, best);
    // 5
    multiply(matrix, best.x, dose);
    const seconds = elapsed();
    const { isMet } = judge(wangCase, rows, dose, PRESCRIBED_GY);
    if (isMet || seconds > limitSeconds) {
      const secondsToStopRule = isMet ? seconds : null;
      return { candidates, seconds, objective: best.cost, secondsToStopRule };
    }
    // 6
    temperature *= COOLING;
  }
}

/** A generation of an island: step 3.2.1. */
function evolve(
  island: Individual[],
  temperature: number,
  upper: Float64Array,
  random: () => number,
  evaluated: (x: Float64Array) => Individual,
): void {
  const any = () => Math.floor(random() * island.length);
  const passes = (to: Individual, from: Individual) =>
    Math.min(1, Math.exp(-(to.cost - from.cost) / temperature)) > random();
  for (let j = 0; j < PAIRS; j++) {
    const m = any();
    const n = any();
    // 3.2.1.1
    const child = evaluated(island[m].x.map((xi, i) => (random() < 0.5 ? xi : island[n].x[i])));
    if (passes(child, island[n])) island[m] = child;
    // 3.2.1.2
    const mutant = evaluated(
      island[m].x.map((xi, i) => (random() < MUTATION ? random() * upper[i] : xi)),
    );
    if (passes(mutant, island[m])) island[m] = mutant;
  }
}

function replaceWorst(island: Individual[], best: Individual): void {
  if (island.includes(best)) return;
  const worst = island.reduce((at, { cost }, i) => (cost > island[at].cost ? i : at), 0);
  island[worst] = best;
}

/** The dose influence by rows, its values as they are stored. */
export function rowMatrix(matrix: SparseMatrix): RowMatrix {
  const { rows, columns } = matrix;
  const column = matrix.rowVector();
  const each = (take: (row: number, j: number, value: number) => void) => {
    for (let j = 0; j < columns; j++) {
      column.values.fill(0);
      matrix.addColumn(j, 1, column);
      for (let row = 0; row < rows; row++) {
        const value = column.values[row];
        if (value !== 0) take(row, j, value);
      }
    }
  };
  const starts = new Uint32Array(rows + 1);
  each((row) => starts[row + 1]++);
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row];
  const next = starts.slice(0, rows);
  const made: RowMatrix = {
    starts,
    columns: new Uint16Array(starts[rows]),
    values: new Float32Array(starts[rows]),
  };
  each((row, j, value) => {
    const at = next[row]++;
    made.columns[at] = j;
    made.values[at] = value;
  });
  return made;
}

/** y = A x. */
export function multiply(
  { starts, columns, values }: RowMatrix,
  x: Float64Array,
  y: Float32Array,
): void {
  for (let row = 0; row < y.length; row++) {
    let sum = 0;
    for (let at = starts[row]; at < starts[row + 1]; at++) sum += values[at] * x[columns[at]];
    y[row] = sum;
  }
}

function uniformNumbers(seed: number): () => number {
  const stream = new RandomStream(seed, 'plain');
  let draw = 0;
  return () => stream.uniform(0, 0, 0, draw++);
}
