/**
 * One island of a beam-angle search: the unified structure of Wang, Huang & Bao (2009) on sets of
 * beams. Each individual makes a child by crossover and mutation, which takes its place with the
 * probability of simulated annealing. The number that decides is drawn before the child is judged,
 * so it is a threshold: a child whose lower bound is above it need not be optimised.
 */
import { log } from '@isola/kernels/elementary';
import { RandomStream } from '@isola/kernels/random';
import {
  type Advance,
  admitted,
  type Cell,
  immigrate,
  type Migration,
} from '@isola/optimizers/islands';
import type { AngleSearchSettings, BeamSet } from './angle-search-spec.js';
import {
  type CandidatePool,
  crossSets,
  Draws,
  evenSet,
  moveBeam,
  mutateSet,
  randomSet,
} from './beam-set-variation.js';

export interface AngleIslandState {
  /** Generations done. */
  readonly generation: number;
  readonly population: readonly BeamSet[];
  /** The best of all that were judged. */
  readonly best: BeamSet;
  /** Every set that this island has judged. */
  readonly judged: readonly Uint16Array[];
  /** Of them, those optimised to the end; the rest was rejected by a bound. */
  readonly optimised: number;
}

/** Judges a set; null where its cost is certainly above `threshold`. */
export type JudgeSet = (
  beams: Uint16Array,
  known: readonly BeamSet[],
  threshold: number,
) => Promise<BeamSet | null>;

export interface AngleIslandOptions {
  readonly settings: AngleSearchSettings;
  /** Beams in a set. */
  readonly count: number;
  readonly islands: number;
  readonly pool: CandidatePool;
  readonly migration: Migration;
  readonly judge: JudgeSet;
  /** Sets to begin with, spread over the islands. */
  readonly seeds: readonly Uint16Array[];
}

/** Times that a child is made anew because its set is known already. */
const ATTEMPTS = 20;

/** Cells of a beam-angle search. */
export function angleIslands(options: AngleIslandOptions): Advance<AngleIslandState, BeamSet> {
  const { settings, migration } = options;
  return async (cell, stop) => {
    const before = cell.state?.judged.length ?? 0;
    let state = cell.state ?? (await firstPopulation(options, cell));
    const immigrants = admitted(migration.topology, cell).filter(isNewTo(state));
    const population = immigrate(state.population, immigrants, migration.enter, cell);
    state = { ...state, population, best: bestOf([state.best, ...immigrants]) };
    for (let g = 0; g < settings.generations && !stop.aborted; g++) {
      state = await nextGeneration(options, cell, state);
    }
    const statistics = { value: state.best.value, evaluations: state.judged.length - before };
    return { state, emigrants: migration.leave([state.best], cell), statistics };
  };
}

/** Half of it evenly spread beams, each set turned a little further; half of it random. */
async function firstPopulation(
  { settings, count, islands, pool, judge, seeds }: AngleIslandOptions,
  { seed, island }: Cell<AngleIslandState, BeamSet>,
): Promise<AngleIslandState> {
  const { population: size } = settings;
  const stream = new RandomStream(seed, 'first beam sets');
  const even = Math.ceil(size / 2);
  const sets = Array.from({ length: size }, (_, s) => {
    const given = seeds[island + islands * s];
    if (given !== undefined) return given;
    if (s < even) return evenSet(count, pool, (island + islands * s) / (islands * even));
    return randomSet(count, pool, new Draws(stream, island, 0, s));
  });
  const [first, ...others] = distinct(sets);
  const judgeAll = (beams: Uint16Array, known: BeamSet[]) =>
    judge(beams, known, Infinity) as Promise<BeamSet>;
  const begun = await judgeAll(first, []);
  const judged = await Promise.all(others.map((beams) => judgeAll(beams, [begun])));
  const known = [begun, ...judged];
  // Where there are few sets at all some individuals begin the same.
  const population = Array.from({ length: size }, (_, s) => known[s % known.length]);
  return {
    ...{ generation: 0, population, best: bestOf(known) },
    ...{ judged: known.map(({ beams }) => beams), optimised: known.length },
  };
}

async function nextGeneration(
  { settings, pool, judge }: AngleIslandOptions,
  { seed, island, epoch }: Cell<AngleIslandState, BeamSet>,
  state: AngleIslandState,
): Promise<AngleIslandState> {
  const { generation, population } = state;
  const temperature = settings.temperature * power(settings.cooling, epoch);
  const stream = new RandomStream(seed, 'beam sets');
  const known = new Set(state.judged.map(String));
  const children = population.map((parent, m) => {
    const draws = new Draws(stream, island, generation, m);
    const threshold = parent.value * (1 - temperature * log(1 - draws.uniform()));
    const other = population[draws.integer(population.length)];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const isCrossed = draws.uniform() < settings.crossover;
      const crossed = isCrossed ? crossSets(parent.beams, other.beams, draws) : parent.beams;
      const mutant = mutateSet(crossed, settings.mutation, pool, draws);
      const isOld = known.has(String(mutant));
      const beams = isOld
        ? moveBeam(mutant, mutant[draws.integer(mutant.length)], pool, draws)
        : mutant;
      if (known.has(String(beams))) continue;
      known.add(String(beams));
      return { beams, threshold, parents: isCrossed ? [parent, other] : [parent] };
    }
    return null;
  });
  const results = await Promise.all(
    children.map((child) => child && judge(child.beams, child.parents, child.threshold)),
  );
  const next = population.map((parent, m) => {
    const result = results[m];
    return result !== null && result.value <= (children[m]?.threshold ?? 0) ? result : parent;
  });
  const optimised = results.filter((result) => result !== null);
  return {
    ...{ generation: generation + 1, population: next, best: bestOf([state.best, ...optimised]) },
    judged: [...state.judged, ...children.flatMap((child) => child?.beams ?? [])],
    optimised: state.optimised + optimised.length,
  };
}

function bestOf(sets: readonly BeamSet[]): BeamSet {
  return sets.reduce((best, set) => (set.value < best.value ? set : best));
}

function isNewTo({ population }: AngleIslandState): (set: BeamSet) => boolean {
  const known = new Set(population.map(({ beams }) => String(beams)));
  return ({ beams }) => !known.has(String(beams));
}

function distinct(sets: readonly Uint16Array[]): Uint16Array[] {
  return Array.from(new Map(sets.map((set) => [String(set), set])).values());
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result *= base;
  return result;
}
