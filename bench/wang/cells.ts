/** Cells as threads compute them: the problem is opened once in each, on the shared arena. */
import { openMatrix, type SparseMatrix } from '@isola/kernels/backends';
import type { Best } from '@isola/optimizers/algorithms';
import type { Cell, CellResult } from '@isola/optimizers/islands';
import type { DifferentiableProblem } from '@isola/optimizers/problem';
import { openFluence, type SharedFluence } from '@isola/planning/problem';
import type { OrganLimit } from './cases.js';
import { type IslandState, type Method, type MethodCells, methodCells } from './methods.js';
import { type DoseVerdict, judge, type StructureRows } from './stop-rule.js';

/** What a thread is sent; matrix, rows and prices are in shared memory. */
export interface CellTask {
  readonly method: Method;
  readonly shared: SharedFluence;
  readonly limits: readonly OrganLimit[];
  readonly start: Float64Array;
  readonly upper: Float64Array;
  readonly prescribedGy: number;
  readonly cell: Cell<IslandState, Best>;
}

export interface CellOutcome {
  readonly result: CellResult<IslandState, Best>;
  /** Of the dose of the island's best. */
  readonly verdict: DoseVerdict;
}

interface Opened {
  readonly key: string;
  readonly problem: DifferentiableProblem;
  readonly matrix: SparseMatrix;
  readonly rows: StructureRows;
  readonly methods: Map<Method, MethodCells>;
}

let opened: Opened | null = null;

/** Runs in a thread. */
export async function computeCell(task: CellTask): Promise<CellOutcome> {
  const { method, limits, start, prescribedGy, cell } = task;
  if (opened?.key !== task.shared.matrix.arena.id) opened = open(task);
  const { problem, matrix, rows } = opened;
  const cells = opened.methods.get(method) ?? methodCells(method, problem, start);
  opened.methods.set(method, cells);
  const result = await cells.advance(cell, { aborted: false });
  const dose = new Float32Array(matrix.rows);
  await matrix.multiply(cells.best(result.state).x, dose);
  return { result, verdict: judge({ limits }, rows, dose, prescribedGy) };
}

function open({ shared, upper }: CellTask): Opened {
  return {
    key: shared.matrix.arena.id,
    problem: { ...openFluence(shared), upper },
    matrix: openMatrix(shared.matrix),
    rows: new Map(shared.terms.map(({ structure, voxels }) => [structure, voxels.rows])),
    methods: new Map(),
  };
}
