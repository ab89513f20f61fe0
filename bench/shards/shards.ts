/** What workers that optimise one plan together send each other, against what they must. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsConnection } from '@isola/cluster/runtime';
import { startNatsServer } from '@isola/coordinator/nats';
import { readPlan } from '@isola/formats/plan';
import type { FluenceSpec } from '@isola/planning/searches';
import { natsLink, ToyHelper, toyLead } from '@isola/worker/exchange';
import { loadPlanFile } from '@isola/worker/plans';
import type { Bench, Figures } from '../measurement/bench.js';

const WORKERS = [2, 3, 4, 6, 8, 16];
const ITERATIONS = 10;

/** A fine grid of beamlets, on a dose grid so coarse that all workers have room on one machine. */
const PLAN = `
case: phantom:tg119-c-shape
machine: generic-6mv
prescription: { structure: Target, doseGy: 50 }
beams: { gantryDeg: [0, 40, 80, 120, 160, 200, 240, 280, 320], bixelMm: 3 }
doseGridMm: 8
fractions: 25
objectives:
  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 1000 }
  - { structure: Core, type: squared-overdosing, doseGy: 10, weight: 300 }
optimizer: { shards: 16 }
`;

export const shards: Bench = {
  name: 'shards',
  summary: 'bytes that workers send each other while they optimise one plan together',
  async run(_options, records) {
    const { spec } = await loadPlanFile(readPlan(PLAN, 'plan'), 'plan');
    for (const workers of WORKERS) {
      await records.add(`${workers} workers`, () => measure(spec, workers));
    }
  },
};

/** Bytes as they reach workers: what goes to all of them counts for each. */
async function measure(spec: FluenceSpec, workers: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'isola-bench-'));
  const server = await startNatsServer({ folder });
  let bytesMoved = 0;
  const open = () =>
    natsLink({
      ...{ connection: natsConnection([server.url], 'worker', null), prefix: 'bench.exchange' },
      observe: (note) => {
        if (note.type === 'exchanged' && note.direction === 'in') bytesMoved += note.bytes;
      },
    });
  const helpers: ToyHelper[] = [];
  const lead = await open();
  try {
    for (let i = 1; i < workers; i++) helpers.push(new ToyHelper(await open(), `w${i}`, spec));
    const { run } = await toyLead(lead, spec, ITERATIONS);
    const beamlets = run.x.length;
    const joined = helpers.filter(({ answered }) => answered > 0).length;
    if (joined < helpers.length) throw new Error(`only ${joined} offered help in time: try again`);
    const bytesNeeded = run.evaluations * helpers.length * 2 * 8 * beamlets;
    return {
      ...{ beamlets, evaluations: run.evaluations, bytesMoved, bytesNeeded },
      ratio: bytesMoved / bytesNeeded,
    };
  } finally {
    for (const helper of helpers) helper.leave();
    await Promise.all([lead, ...helpers.map(({ link }) => link)].map((link) => link.close()));
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
