/**
 * The search for the best few of many beams, from a plan to the cells of its islands. Sets are
 * judged by an optimisation of their fluence on clusters of voxels; the plan of the best set is
 * then made on all voxels, as any other plan (fluence.ts).
 */
import type { Executor } from '@isola/kernels/backends';
import type { Advance, Migration } from '@isola/optimizers/islands';
import { InputError } from '@isola/optimizers/problem';
import type { BeamAngles } from '../beams/index.js';
import { doseGridOf } from '../dose/index.js';
import { clusterTerms, DEFAULT_CLUSTERS, objectiveStructures } from '../problem/index.js';
import { type AngleIslandState, angleIslands, type JudgeSet } from './angle-island.js';
import type { AngleSearchSpec, BeamCache, BeamSet } from './angle-search-spec.js';
import { startFrom } from './beam-set-start.js';
import { CandidatePool, evenSet } from './beam-set-variation.js';
import { CandidateBeams } from './candidate-beams.js';
import type { Score, ScoreLimits, ScoreTask } from './score-set.js';
import type { SparseBeamsTask } from './sparse-beams.js';

/** What a search runs on. */
export interface AngleSearchMeans {
  readonly executor: Executor;
  readonly cache: BeamCache;
  /** The name of a candidate's beam in the cache. */
  readonly keyOf: (angles: BeamAngles) => string;
  /** Of condensed beams in memory. */
  readonly memoryBytes: number;
  readonly onBeam?: () => void;
  /** Told of every set that was judged. */
  readonly onJudged?: (set: JudgedBeams) => void;
}

/** Beams and what became of them: where rejected, a bound and no optimum. */
export interface JudgedBeams extends Score {
  readonly beams: Uint16Array;
}

/** A search that is ready to run. */
export interface AngleSearch {
  readonly pool: CandidatePool;
  readonly beams: CandidateBeams;
  /** Judges one set; the more alike the known ones are, the sooner. */
  readonly judge: JudgeSet;
  /** The beams that group sparsity picks, of all candidates; the same at every call. */
  bySparsity(): Promise<Uint16Array>;
  /** The cells of its islands. */
  cells(islands: number, migration: Migration): Advance<AngleIslandState, BeamSet>;
}

const scoreThread = new URL('./score-set.js', import.meta.url).href;
const sparseThread = new URL('./sparse-beams.js', import.meta.url).href;
/** Together with clusters it keeps the cost on all voxels within 1 % of the set's best. */
const LIMITS: ScoreLimits = { maxIterations: 500, tolerance: 3e-3 };

/** @throws InputError for settings out of range, and what `planBeams` throws */
export function angleSearch(spec: AngleSearchSpec, means: AngleSearchMeans): AngleSearch {
  checkSpec(spec);
  const { fluence, candidates, count, settings } = spec;
  const { executor, cache, keyOf, memoryBytes, onBeam, onJudged } = means;
  const { patient, doseGridMm, objectives, priorities, prescription } = fluence;
  const grid = doseGridMm === 'case' ? patient.grid : doseGridOf(patient.grid, doseGridMm);
  const structures = objectiveStructures(patient, objectives, priorities, grid);
  const clusters = clusterTerms(structures, objectives, grid, DEFAULT_CLUSTERS);
  const { terms, coarseTerms } = clusters;
  const beams = new CandidateBeams({
    ...{ fluence, candidates, clusters, executor, cache, keyOf, memoryBytes },
    ...(onBeam && { onComputed: onBeam }),
  });
  const pool = new CandidatePool(candidates);
  const prescribed = {
    structure: prescription.structure,
    dosePerFractionGy: prescription.doseGy / fluence.fractions,
  };
  const judge: JudgeSet = async (set, known, threshold) => {
    const task: ScoreTask = {
      ...{ ...LIMITS, terms, coarseTerms, prescribed, threshold },
      beams: await beams.condensed(set),
      start: known.length === 0 ? null : startFrom(known, set, pool, (c) => beams.geometry(c)),
    };
    const score = await executor.run<Score>(scoreThread, 'scoreSet', task);
    const { weights, value, coarseValue, isRejected } = score;
    onJudged?.({ ...score, beams: set });
    return { set: isRejected ? null : { beams: set, weights, value }, coarseValue };
  };
  let sparse: Promise<Uint16Array> | null = null;
  const select = async () => {
    const all = await beams.condensed(pool.all);
    const task: SparseBeamsTask = { beams: all, terms, coarseTerms, level: 'coarse', count };
    const found = await executor.run<readonly number[]>(sparseThread, 'sparseBeams', task);
    // Where it finds fewer, evenly spread ones join them.
    const beside = Array.from(evenSet(count, pool, 0)).filter((beam) => !found.includes(beam));
    return Uint16Array.from([...found, ...beside].slice(0, count)).sort();
  };
  const bySparsity = () => {
    sparse ??= select();
    return sparse;
  };
  return {
    ...{ pool, beams, judge, bySparsity },
    cells: (islands, migration) =>
      angleIslands({
        ...{ settings, count, islands, pool, migration, judge },
        seeds: async () => (settings.seeding === 'none' ? [] : [await bySparsity()]),
      }),
  };
}

function checkSpec({ fluence, count, candidates, settings }: AngleSearchSpec): void {
  const check = (place: string, value: number, isAllowed: boolean, allowed: string) => {
    if (!isAllowed) throw new InputError(place, `is ${value}; allowed: ${allowed}`);
  };
  const { population, generations, crossover, mutation, temperature, cooling } = settings;
  const isPart = (value: number) => value >= 0 && value <= 1;
  check('beams.count', count, Number.isInteger(count) && count >= 1, 'a whole number from 1');
  check(
    'beams.count',
    count,
    count <= candidates.length,
    `at most the ${candidates.length} candidates`,
  );
  check(
    'search.population',
    population,
    Number.isInteger(population) && population >= 2,
    '2 or more',
  );
  check(
    'search.proposals',
    settings.proposals,
    Number.isInteger(settings.proposals) && settings.proposals >= 1,
    '1 or more',
  );
  check(
    'search.generations',
    generations,
    Number.isInteger(generations) && generations >= 1,
    '1 or more',
  );
  check('search.crossover', crossover, isPart(crossover), 'a number from 0 to 1');
  check('search.mutation', mutation, isPart(mutation), 'a number from 0 to 1');
  check('search.temperature', temperature, temperature >= 0, 'a number from 0');
  check('search.cooling', cooling, cooling > 0 && cooling < 1, 'a number above 0 and below 1');
  const { structure } = fluence.prescription;
  if (!fluence.objectives.some((objective) => objective.structure === structure)) {
    throw new InputError(
      'prescription.structure',
      `'${structure}' has no objective; allowed: a structure with one`,
    );
  }
}
