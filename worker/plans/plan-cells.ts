/** The cells of a plan's job: those of its search, and the one that makes the plan. */
import type { MessagePort } from 'node:worker_threads';
import type { Executor } from '@isola/kernels/backends';
import { fromBytes, type Stop, toBytes } from '@isola/optimizers/islands';
import type { BeamAngles } from '@isola/planning/beams';
import type { ShardRange } from '@isola/planning/problem';
import {
  type AngleIslandState,
  type FluenceEvents,
  type FluencePhase,
  type FluenceResult,
  type FluenceSpec,
  finishFluence,
  planFluence,
  type ShardedState,
  shardedOptimum,
} from '@isola/planning/searches';
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
import { shardCells } from './shard-cells.js';

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
  /**
   * A cell of an island.
   * @param company leads to others that help with a plan in shards; null: there are none
   */
  compute(cell: LeasedCell, stop: CellStop, company: MessagePort | null): Promise<CellOutput>;
  /** The finishing cell: the plan of the best state, or all of it where there was no search. */
  finish(cell: LeasedCell, stop: CellStop): Promise<CellOutput>;
  /** Answers for shards of the plan, as it is told through a port, until it closes. */
  help(port: MessagePort, range: ShardRange): Promise<void>;
}

export interface PlanCellMeans extends Omit<AngleCellMeans, 'onBeam' | 'onJudged'> {
  readonly executor: Executor;
  readonly onStep: (cell: LeasedCell, step: CellStep) => void;
}

/** The cells of a loaded plan. What they share is made once, with the first that needs it. */
export function planCells(loaded: LoadedPlan, means: PlanCellMeans): PlanCells {
  const { search, spec } = loaded;
  const { executor, onStep } = means;
  const advance = search && angleCells(search, means);
  const sharded = shardCells(spec, executor);
  return {
    async compute(cell, stop, company) {
      if (advance !== null) {
        onStep(cell, { phase: 'beam angles', part: 0, detail: '' });
        return computeCell(cell, advance, whenRevoked(stop));
      }
      const events = eventsOf(cell, spec, whenRevoked(stop), onStep);
      return computeCell(cell, sharded.advance(company, events), whenRevoked(stop));
    },
    async finish(cell, stop) {
      const events = eventsOf(cell, spec, whenCutShort(stop), onStep);
      const best = cell.state && fromBytes(cell.state, 'the best state');
      const { result, angles } = await finished(loaded, best, executor, events);
      const { value, evaluations } = result.minimum;
      if (!Number.isFinite(value)) throw new NotFinite(`the plan: value ${value}`);
      return outputOf(outcomeBytes(result, angles), toBytes([]), { value, evaluations });
    },
    help: (port, range) => sharded.help(port, range),
  };
}

/** @param best state of the search that came before; null where there was none */
async function finished(
  { search, spec }: LoadedPlan,
  best: unknown,
  executor: Executor,
  events: FluenceEvents,
): Promise<{ result: FluenceResult; angles: readonly BeamAngles[] }> {
  if (search !== null) {
    const { beams } = (best as AngleIslandState).best;
    const angles = Array.from(beams, (beam) => search.spec.candidates[beam]);
    return { result: await planFluence({ ...spec, angles }, executor, events), angles };
  }
  const { angles } = spec;
  if (best === null) return { result: await planFluence(spec, executor, events), angles };
  const optimum = shardedOptimum(spec, best as ShardedState);
  return { result: await finishFluence(spec, optimum, executor, events), angles };
}

function whenRevoked(stop: CellStop): Stop {
  return {
    get aborted() {
      return stop.isRevoked;
    },
  };
}

function whenCutShort(stop: CellStop): Stop {
  return {
    get aborted() {
      return stop.isCutShort || stop.isRevoked;
    },
  };
}

/** Tells how far a cell's optimisation has come, and lets it hear that it is to stop. */
function eventsOf(
  cell: LeasedCell,
  { maxIterations }: FluenceSpec,
  signal: Stop,
  onStep: PlanCellMeans['onStep'],
): FluenceEvents {
  return {
    signal,
    onPhase: (phase, done, total) => onStep(cell, { phase, part: done / total, detail: '' }),
    onIteration: ({ iteration, value }) => {
      const detail = `cost ${value.toPrecision(5)}`;
      onStep(cell, { phase: 'optimisation', part: iteration / maxIterations, detail });
      return eventsIn();
    },
  };
}

/** With one thread nothing else lets the event loop turn, and a stop is heard only there. */
function eventsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
