import { RandomStream } from '@isola/kernels/random';
import { type Fault, longest } from '../lab/fault.js';
import { LabCluster } from '../lab/lab-cluster.js';
import { isWhole, LabWork } from '../lab/lab-work.js';
import type { Direction, Link } from '../lab/link.js';
import { splitTerms } from '../lab/terms.js';

const CELLS_BETWEEN = 6;
/** Longer than any silence that is borne. */
const APART_MS = 12_000;
/** Of flapping: so long apart, so long together, so often. */
const FLAP_MS = 1_000;
const FLAPS = 6;
const MOST_MS = 10_000;

/** Who cannot reach whom. */
const PLACES = [
  'workers and coordinators',
  'leader and server',
  'coordinators and server',
] as const;
const MANNERS = ['both ways', 'forth', 'back', 'flapping'] as const;

const DIRECTIONS: Readonly<Record<(typeof MANNERS)[number], readonly Direction[]>> = {
  'both ways': ['forth', 'back'],
  forth: ['forth'],
  back: ['back'],
  flapping: ['forth', 'back'],
};

/** Parts workers or coordinators from whom they need, in one direction or both, and mends it. */
export const partition: Fault = {
  number: 8,
  summary: 'partitions, one-way ones and flapping ones',
  trials: PLACES.length * MANNERS.length,
  run: (trials, progress) =>
    LabCluster.with({ servers: 1, coordinators: 2, workers: 2, isLinked: true }, async (lab) => {
      const random = new RandomStream(8, 'partition');
      const resumedMs: number[] = [];
      const work = new LabWork(lab);
      for (let trial = 0; trial < trials; trial++) {
        const place = PLACES[trial % PLACES.length];
        const manner = MANNERS[Math.floor(trial / PLACES.length) % MANNERS.length];
        await lab.more(1 + random.integer(CELLS_BETWEEN - 1, trial, 0, 0, 0));
        const links = linksAt(place, lab);
        const { term } = lab;
        if (manner === 'flapping') await flap(lab, links);
        else await part(lab, links, DIRECTIONS[manner]);
        resumedMs.push(await lab.more(1));
        const led = lab.term - term;
        progress(`${place}, ${manner}: ${Math.round(resumedMs.at(-1) ?? 0)} ms, ${led} elected`);
      }
      const verdict = await work.verdict();
      const resumedWithinMs = longest(resumedMs);
      const split = await splitTerms(lab);
      const isKept = isWhole(verdict) && split === 0;
      const pass = isKept && resumedWithinMs <= MOST_MS;
      const seen = { splitTerms: split, terms: lab.term, resumedWithinMs };
      return { pass, isKept, trials, ...verdict, ...seen };
    }),
};

function linksAt(place: (typeof PLACES)[number], lab: LabCluster): Link[] {
  if (place === 'workers and coordinators') return lab.links.map(({ fromWorkers }) => fromWorkers);
  const all = lab.links.map(({ toServer }) => toServer);
  return place === 'leader and server' ? [all[lab.leader]] : all;
}

async function part(lab: LabCluster, links: readonly Link[], directions: readonly Direction[]) {
  for (const link of links) link.stall(...directions);
  await lab.elapse(APART_MS);
  for (const link of links) link.mend();
}

async function flap(lab: LabCluster, links: readonly Link[]) {
  for (let n = 0; n < FLAPS; n++) {
    for (const link of links) link.stall(...DIRECTIONS.flapping);
    await lab.elapse(FLAP_MS);
    for (const link of links) link.mend();
    await lab.elapse(FLAP_MS);
  }
}
