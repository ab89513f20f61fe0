import { type SimulationReport, simulate } from '@isola/simulation/cluster';
import { hunt, PLANTED_BUGS } from '@isola/simulation/planted';
import type { Fault } from '../lab/fault.js';

/** A planted bug must show itself within so many seeds. */
const MOST_SEEDS = 1_000;
/** Each of so many seeds is run twice. */
const REPLAY_EVERY = 100;

/** Every seed keeps every law, and is the same in every run; every planted bug is found. */
export const simulatedFaults: Fault = {
  number: 27,
  summary: 'simulation: all faults of a seed together, and planted bugs',
  trials: 10_000,
  async run(trials, progress) {
    const beginMs = performance.now();
    const violations: object[] = [];
    const sums = { jobs: 0, cells: 0, virtualHours: 0, liesTold: 0, liesFound: 0, liesKept: 0 };
    let replayed = 0;
    for (let seed = 1; seed <= trials; seed++) {
      const report = await simulate(seed);
      add(sums, report);
      for (const violation of report.violations) violations.push({ seed, ...violation });
      if (seed % REPLAY_EVERY !== 1) continue;
      progress(`seed ${seed} of ${trials}`);
      if ((await simulate(seed)).traceHash === report.traceHash) replayed++;
      else violations.push({ seed, law: 'not-replayed' });
    }
    const seconds = Math.round((performance.now() - beginMs) / 1000);
    const seeds: Record<string, number | null> = {};
    for (const bug of PLANTED_BUGS) {
      progress(`planted: ${bug.name}`);
      const { found, tried } = await hunt(bug, MOST_SEEDS);
      seeds[bug.name] = found === null ? null : tried;
    }
    const found = Object.values(seeds).filter((tried) => tried !== null).length;
    const planted = PLANTED_BUGS.length;
    const isKept = violations.length === 0 && found === planted;
    const seen = { violations, planted, found, replayed, seconds, ...sums, seeds };
    return { pass: isKept, isKept, trials, ...seen };
  },
};

type Sums = Record<
  'jobs' | 'cells' | 'virtualHours' | 'liesTold' | 'liesFound' | 'liesKept',
  number
>;

function add(sums: Sums, { jobs, cells, virtualMs, lies }: SimulationReport): void {
  sums.jobs += jobs;
  sums.cells += cells;
  sums.virtualHours += virtualMs / 3_600_000;
  sums.liesTold += lies.told;
  sums.liesFound += lies.found;
  sums.liesKept += lies.kept;
}
