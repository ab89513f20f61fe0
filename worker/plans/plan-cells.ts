/** The cells of a plan's job: those of its search, and the one that makes the plan. */
import type { Executor } from '@isola/kernels/backends';
import { fromBytes, toBytes } from '@isola/optimizers/islands';
import { type AngleIslandState, type FluencePhase, planFluence } from '@isola/planning/searches';
import {
  type CellOutput,
  computeCell,
  type LeasedCell,
  NotFinite,
  outputOf,
} from '../cells/index.js';
import { type AngleCellMeans, angleCells } from './angle-cells.js';
import type { LoadedPlan } from './load-plan.js';
import { outcomeBytes } from './outcome.js';

/** How far a cell has come. */
export interface CellStep {
  readonly phase: FluencePhase | 'beam angles';
  /** From 0 to 1. */
  readonly part: number;
  readonly detail: string;
}

/** Told by who wants a cell to end. */
export interface CellStop {
  /** The result is not wanted any more. */
  readonly isRevoked: boolean;
  /** The result is wanted soon: that of what has been done by then. */
  readonly isCutShort: boolean;
}

export interface PlanCells {
  /** A cell of an island. */
  compute(cell: LeasedCell, stop: CellStop): Promise<CellOutput>;
  /** The finishing cell: the plan, with the best state's angles where these were searched for. */
  finish(cell: LeasedCell, stop: CellStop): Promise<CellOutput>;
}

export interface PlanCellMeans extends Omit<AngleCellMeans, 'onBeam' | 'onJudged'> {
  readonly executor: Executor;
  readonly onStep: (cell: LeasedCell, step: CellStep) => void;
}

/** The cells of a loaded plan. What they share is made once, with the first cell that needs it. */
export function planCells(loaded: LoadedPlan, means: PlanCellMeans): PlanCells {
  const { search, spec } = loaded;
  const advance = search && angleCells(search, means);
  return {
    async compute(cell, stop) {
      if (advance === null) throw new Error('this plan searches for nothing');
      means.onStep(cell, { phase: 'beam angles', part: 0, detail: '' });
      return computeCell(cell, advance, {
        get aborted() {
          return stop.isRevoked;
        },
      });
    },
    async finish(cell, stop) {
      const best = cell.state && (fromBytes(cell.state, 'the best state') as AngleIslandState);
      const angles =
        best && search
          ? Array.from(best.best.beams, (beam) => search.spec.candidates[beam])
          : spec.angles;
      const result = await planFluence({ ...spec, angles }, means.executor, {
        signal: {
          get aborted() {
            return stop.isCutShort || stop.isRevoked;
          },
        },
        onPhase: (phase, done, total) =>
          means.onStep(cell, { phase, part: done / total, detail: '' }),
        onIteration: ({ iteration, value }) => {
          const detail = `cost ${value.toPrecision(5)}`;
          const part = iteration / spec.maxIterations;
          means.onStep(cell, { phase: 'optimisation', part, detail });
          return eventsIn();
        },
      });
      const { value, evaluations } = result.minimum;
      if (!Number.isFinite(value)) throw new NotFinite(`the plan: value ${value}`);
      return outputOf(outcomeBytes(result, angles), toBytes([]), { value, evaluations });
    },
  };
}

/** With one thread nothing else lets the event loop turn, and a stop is heard only there. */
function eventsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
