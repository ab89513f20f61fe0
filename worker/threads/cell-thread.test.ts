/** The built thread, as a worker has it. */
import { readPlan } from '@isola/formats/plan';
import { expect, it } from 'vitest';
import { bundlePlan } from '../plans/index.js';
import { CellComputer } from './cell-computer.js';

const thread = new URL('../dist/threads/cell-thread.js', import.meta.url).href;

const PLAN = `case: phantom:cylinder-wang
machine: generic-6mv
prescription: { structure: PTV, doseGy: 60 }
beams: { count: 2, bixelMm: 20 }
doseGridMm: 20
fractions: 30
objectives:
  - { structure: PTV, type: squared-deviation, doseGy: 60, weight: 1000 }
search: { method: beam-angles, candidatesDeg: [0, 90, 180, 270], population: 2, generations: 1 }
`;

it('a cell is done where its beams cannot be kept', async () => {
  // A file, not a folder.
  const setup = { threads: 1, cacheFolder: process.execPath, memoryBytes: 1e8, version: '1' };
  const computer = new CellComputer(setup, 1, { thread });
  try {
    const result = await computer.compute({
      ...{ key: 'k', isFinish: false, subject: 's' },
      fetchSubject: async () => bundlePlan(readPlan(PLAN, 'plan').plan, 'plan'),
      cell: { seed: 1, island: 0, epoch: 0, state: null, immigrants: [] },
    });
    expect(result.type).toBe('done');
  } finally {
    await computer.close();
  }
});
