/**
 * One island of a beam-angle search: the unified structure of Wang, Huang & Bao (2009) on sets of
 * beams. Each individual makes children by crossover and mutation, of which the one that promises
 * most is judged (set-forecast.ts) and takes its place with the probability of simulated annealing.
 * The number that decides is drawn before the child is judged, so it is a threshold: a child whose
 * lower bound is above it need not be optimised.
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
import { forecast, type JudgedSet } from './set-forecast.js';

export interface AngleIslandState {
  /** Generations done. */
  readonly generation: number;
  readonly population: readonly BeamSet[];
  /** The best of all that were judged. */
  readonly best: BeamSet;
  /** Every set that this island has judged. */
  readonly judged: readonly JudgedSet[];
  /** Of them, those optimised to the end; the rest was rejected by a bound. */
  readonly optimised: number;
}

/** What a set is worth. */
export interface Judgement {
  /** Null where its cost is certainly above the threshold. */
  readonly set: BeamSet | null;
  readonly coarseValue: number;
}

export type JudgeSet = (
  beams: Uint16Array,
  known: readonly BeamSet[],
  threshold: number,
) => Promise<Judgement>;

export interface AngleIslandOptions {
  readonly settings: AngleSearchSettings;
  /** Beams in a set. */
  readonly count: number;
  readonly islands: number;
  readonly pool: CandidatePool;
  readonly migration: Migration;
  readonly judge: JudgeSet;
  /** Sets to begin with, spread over the islands; the same at every call. */
  readonly seeds: () => Promise<readonly Uint16Array[]>;
}

/** Children made for each that is judged, with those whose sets are known already. */
const ATTEMPTS = 40;

/** Cells of a beam-angle search. */
export function angleIslands(options: AngleIslandOptions): Advance<AngleIslandState, BeamSet> {
  const { settings, migration } = options;
  return async (cell, stop) => {
    const before = cell.state?.judged.length ?? 0;
    let state = cell.state ?? (await firstPopulation(options, cell));
    const immigrants = admitted(migration.topology, cell).filter(isNewTo(state));
    const population = immigrate(state.population, immigrants, migration.enter, cell);
    state = { ...state, population, best: bestOf([state.best, ...immigrants]) };
    for (let g = 0; g < settings.generations; g++) {
      if (stop.aborted) throw new Error('nobody wants this cell any more');
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
  const given = await seeds();
  const even = Math.ceil(size / 2);
  const sets = Array.from({ length: size }, (_, s) => {
    const seeded = given[island + islands * s];
    if (seeded !== undefined) return seeded;
    if (s < even) return evenSet(count, pool, (island + islands * s) / (islands * even));
    return randomSet(count, pool, new Draws(stream, island, 0, s));
  });
  const [first, ...others] = distinct(sets);
  const begun = await judge(first, [], Infinity);
  const known = [begun.set as BeamSet];
  const judgements = await Promise.all(others.map((beams) => judge(beams, known, Infinity)));
  const judged = [begun, ...judgements];
  const optimised = judged.map(({ set }) => set as BeamSet);
  // Where there are few sets at all some individuals begin the same.
  const population = Array.from({ length: size }, (_, s) => optimised[s % optimised.length]);
  return {
    ...{ generation: 0, population, best: bestOf(optimised), optimised: optimised.length },
    judged: optimised.map(({ beams }, s) => ({ beams, coarseValue: judged[s].coarseValue })),
  };
}

async function nextGeneration(
  options: AngleIslandOptions,
  cell: Cell<AngleIslandState, BeamSet>,
  state: AngleIslandState,
): Promise<AngleIslandState> {
  const { generation, judged } = state;
  const children = childrenOf(options, cell, state);
  const judgements = await Promise.all(
    children.map(({ beams, parents, threshold }) => options.judge(beams, parents, threshold)),
  );
  const population = [...state.population];
  judgements.forEach(({ set }, i) => {
    const { place, threshold } = children[i];
    if (set !== null && set.value <= threshold) population[place] = set;
  });
  const optimised = judgements.flatMap(({ set }) => set ?? []);
  const coarse = judgements.map(({ coarseValue }, i) => ({
    beams: children[i].beams,
    coarseValue,
  }));
  return {
    ...{ generation: generation + 1, population, best: bestOf([state.best, ...optimised]) },
    ...{ judged: [...judged, ...coarse], optimised: state.optimised + optimised.length },
  };
}

/** A child to be judged, its parent's place, and what it may cost to take that. */
interface Child {
  readonly place: number;
  readonly beams: Uint16Array;
  readonly parents: readonly BeamSet[];
  readonly threshold: number;
}

/** A child for each individual but those that no new set was found for. */
function childrenOf(
  { settings, pool }: AngleIslandOptions,
  { seed, island, epoch }: Cell<AngleIslandState, BeamSet>,
  { generation, population, judged }: AngleIslandState,
): Child[] {
  const temperature = settings.temperature * power(settings.cooling, epoch);
  const stream = new RandomStream(seed, 'beam sets');
  const known = new Set([...judged, ...population].map(({ beams }) => String(beams)));
  return population.flatMap((parent, place) => {
    const draws = new Draws(stream, island, generation, place);
    const threshold = parent.value * (1 - temperature * log(1 - draws.uniform()));
    const proposals = new Map<string, Pick<Child, 'beams' | 'parents'>>();
    for (let a = 0; a < ATTEMPTS && proposals.size < settings.proposals; a++) {
      const other = population[draws.integer(population.length)];
      const isCrossed = draws.uniform() < settings.crossover;
      const crossed = isCrossed ? crossSets(parent.beams, other.beams, draws) : parent.beams;
      const mutant = mutateSet(crossed, settings.mutation, pool, draws);
      const beams = known.has(String(mutant))
        ? moveBeam(mutant, mutant[draws.integer(mutant.length)], pool, draws)
        : mutant;
      if (known.has(String(beams))) continue;
      proposals.set(String(beams), { beams, parents: isCrossed ? [parent, other] : [parent] });
    }
    const child = mostPromising([...proposals.values()], judged, pool);
    if (child === null) return [];
    known.add(String(child.beams));
    return { ...child, place, threshold };
  });
}

function mostPromising<P extends Pick<Child, 'beams'>>(
  proposals: readonly P[],
  judged: readonly JudgedSet[],
  pool: CandidatePool,
): P | null {
  let best: P | null = null;
  let least = Infinity;
  for (const proposal of proposals) {
    const value = forecast(proposal.beams, judged, pool);
    if (value < least) [best, least] = [proposal, value];
  }
  return best;
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
