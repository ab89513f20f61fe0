import type { JobSpec } from '@isola/coordinator/jobs';
import { type ToyOutput, toyCell } from './toy-cell.js';

/** What a job comes to where nothing goes wrong: a pure function of its spec. */
export interface Golden {
  /** By epoch, then island; also of epochs after the one that reaches the target. */
  readonly cells: readonly (readonly ToyOutput[])[];
  /** The best after each epoch, up to the one that reaches the target. */
  readonly trace: readonly number[];
  /** The state with the best value of epochs up to each, by epoch of the trace. */
  readonly best: readonly ToyOutput[];
}

/** Computes a job in the plainest way, epoch by epoch, without the code under test. */
export function goldenOf(spec: JobSpec): Golden {
  const cells: ToyOutput[][] = [];
  const trace: number[] = [];
  const best: ToyOutput[] = [];
  for (let epoch = 0; epoch < spec.epochs; epoch++) {
    cells.push(spec.inNeighbours.map((_, island) => goldenCell(spec, cells, island, epoch)));
    const isOver = trace.length > 0 && trace[epoch - 1] <= (spec.targetValue ?? -Infinity);
    if (isOver || trace.length < epoch) continue;
    let leader = best[epoch - 1] ?? cells[epoch][0];
    for (const cell of cells[epoch]) if (cell.value < leader.value) leader = cell;
    best.push(leader);
    trace.push(leader.value);
  }
  return { cells, trace, best };
}

/** What the finishing cell makes of the best state; of nothing where there is none. */
export function goldenFinish(
  spec: JobSpec,
  best: ToyOutput | null,
  isCutShort: boolean,
): ToyOutput {
  const { jobHash, kernelVersion, seed, epochs } = spec;
  return toyCell({
    ...{ jobHash, kernelVersion, seed, island: 0, epoch: epochs, isFinish: true, isCutShort },
    ...{ state: best?.state ?? null, immigrants: [] },
  });
}

function goldenCell(
  spec: JobSpec,
  cells: readonly (readonly ToyOutput[])[],
  island: number,
  epoch: number,
): ToyOutput {
  const { jobHash, kernelVersion, seed, lag, inNeighbours } = spec;
  const sent = epoch < lag ? [] : inNeighbours[island];
  return toyCell({
    ...{ jobHash, kernelVersion, seed, island, epoch, isFinish: false, isCutShort: false },
    state: epoch === 0 ? null : cells[epoch - 1][island].state,
    immigrants: sent.map((from) => ({
      island: from,
      emigrants: cells[epoch - lag][from].emigrants,
    })),
  });
}
