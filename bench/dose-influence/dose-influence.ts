/** How long the dose influence takes: what belongs to beams and voxels first, then the matrix. */
import { type Executor, threadExecutor } from '@isola/kernels/backends';
import { type DoseSpec, doseInfluence, prepareDose } from '@isola/planning/dose';
import { matradCase, openKbpCases, phantomCase } from '../inputs/dose-cases.js';
import type { Bench, Figures } from '../measurement/bench.js';
import { timingOf } from '../measurement/timing.js';

export const doseInfluenceBench: Bench = {
  name: 'dose-influence',
  summary: 'seconds for beam data and dose influence, its size',
  run: async ({ isFull, threads, dataFolder }, records) => {
    const small = phantomCase('tg119-c-shape', 5);
    const large = [
      phantomCase('tg119-c-shape', 3),
      matradCase(dataFolder),
      ...openKbpCases(dataFolder),
    ];
    const executor = threadExecutor(threads);
    try {
      await measure(await small.load(), executor, 1);
      for (const { name, missing, load } of isFull ? [small, ...large] : [small]) {
        if (missing !== null) records.leaveOut(name, `${missing} does not exist`);
        else await records.add(name, async () => measure(await load(), executor, isFull ? 3 : 1));
      }
    } finally {
      await executor.close();
    }
  },
};

async function measure(spec: DoseSpec, executor: Executor, repeats: number): Promise<Figures> {
  const beamDataMs: number[] = [];
  const influenceMs: number[] = [];
  let size = { rows: 0, columns: 0, nonzeros: 0, byteLength: 0 };
  for (let i = 0; i < repeats; i++) {
    const startMs = performance.now();
    const prepared = await prepareDose(spec, executor);
    const preparedMs = performance.now();
    size = await doseInfluence(prepared, executor);
    beamDataMs.push(preparedMs - startMs);
    influenceMs.push(performance.now() - preparedMs);
  }
  const { rows, columns, nonzeros, byteLength } = size;
  const beamData = timingOf(beamDataMs);
  const influence = timingOf(influenceMs);
  return {
    threads: executor.threads,
    ...{ rows, columns, nonzeros, bytesPerNonzero: byteLength / nonzeros },
    beamDataS: beamData.minMs / 1000,
    beamDataMedianS: beamData.medianMs / 1000,
    influenceS: influence.minMs / 1000,
    influenceMedianS: influence.medianMs / 1000,
    nsPerNonzero: (influence.minMs * 1e6) / nonzeros,
  };
}
