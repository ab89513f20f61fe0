/**
 * Memetic search: a population whose best learn within their lifetime, by some steps of a gradient
 * method. Lamarckian learning is inherited: the polished points take the places of those they came
 * from. Baldwinian learning is not: only the polished costs take part in the selection. Whitley,
 * Gordon, Mathias, "Lamarckian evolution, the Baldwin effect and function optimization", PPSN III
 * (1994).
 */
import { type DifferentiableProblem, InputError } from '../problem/index.js';
import { lbfgsb } from './lbfgsb.js';
import type { Best } from './optimizer.js';
import { ranked } from './population.js';
import type { PopulationMethod } from './population-method.js';
import { checkCount } from './settings.js';

/** Plain data. */
export interface MemeticState<S> {
  /** Of the method that is polished. */
  readonly inner: S;
  /** Steps done. */
  readonly generation: number;
  /** The best so far, with its own cost. */
  readonly best: Best;
}

export interface MemeticOptions {
  /** Generations between two polishings, 1 or more. Default 10. */
  readonly every?: number;
  /** How many of the best are polished, 1 or more. Default 1. */
  readonly count?: number;
  /** Iterations of L-BFGS-B, 1 or more. Default 10. */
  readonly iterations?: number;
  /** Default 'lamarckian'. */
  readonly inheritance?: 'lamarckian' | 'baldwinian';
}

/**
 * The point after some iterations of L-BFGS-B. It costs no more than it did: what is better by
 * nothing but rounding of `value` stays as it was.
 */
export async function polish(
  problem: DifferentiableProblem,
  individual: Best,
  iterations: number,
): Promise<Best> {
  const method = lbfgsb();
  let state = await method.init(problem, individual.x, 0);
  for (let done = 0; done < iterations && method.status(state) === 'running'; done++) {
    state = await method.step(problem, state);
  }
  const { x, value } = method.best(state);
  return value < individual.value ? { x, value } : individual;
}

/**
 * The method with its best polished every so many generations.
 * @throws InputError for a setting outside its range
 */
export function memetic<S>(
  method: PopulationMethod<S, DifferentiableProblem>,
  options: MemeticOptions = {},
): PopulationMethod<MemeticState<S>, DifferentiableProblem> {
  const settings = checkedSettings(options);
  const { optimizer, individuals, withIndividuals } = method;
  return {
    optimizer: {
      async init(problem, start, seed) {
        const inner = await optimizer.init(problem, start, seed);
        return { inner, generation: 0, best: optimizer.best(inner) };
      },
      async step(problem, state) {
        const inner = await optimizer.step(problem, state.inner);
        const generation = state.generation + 1;
        // Whoever bears a polished cost is no better than the polished point, which is known.
        const best = leastOf([state.best, optimizer.best(inner)]);
        if (generation % settings.every !== 0) return { inner, generation, best };
        const learnt = await learning(problem, individuals(inner), settings);
        return {
          ...{ inner: withIndividuals(inner, learnt.individuals), generation },
          best: leastOf([best, ...learnt.polished]),
        };
      },
      status: ({ inner }) => optimizer.status(inner),
      best: ({ best }) => best,
    },
    individuals: ({ inner }) => individuals(inner),
    withIndividuals: (state, others) => ({
      ...state,
      inner: withIndividuals(state.inner, others),
      best: leastOf([state.best, ...others]),
    }),
  };
}

/** The individuals after the best of them have learnt, and what those have come to. */
async function learning(
  problem: DifferentiableProblem,
  individuals: readonly Best[],
  { count, iterations, inheritance }: Required<MemeticOptions>,
): Promise<{ individuals: Best[]; polished: Best[] }> {
  const next = [...individuals];
  const polished: Best[] = [];
  const values = Float64Array.from(individuals, ({ value }) => value);
  for (const place of ranked(values).slice(0, count)) {
    const { x } = individuals[place];
    const better = await polish(problem, individuals[place], iterations);
    polished.push(better);
    next[place] = inheritance === 'lamarckian' ? better : { x, value: better.value };
  }
  return { individuals: next, polished };
}

/** The first of the best. */
function leastOf(points: readonly Best[]): Best {
  return points.reduce((best, point) => (point.value < best.value ? point : best));
}

function checkedSettings(options: MemeticOptions): Required<MemeticOptions> {
  const { every = 10, count = 1, iterations = 10, inheritance = 'lamarckian' } = options;
  checkCount('every', every, 1);
  checkCount('count', count, 1);
  checkCount('iterations', iterations, 1);
  if (inheritance !== 'lamarckian' && inheritance !== 'baldwinian') {
    const allowed = 'lamarckian, baldwinian';
    throw new InputError('inheritance', `is ${String(inheritance)}; allowed: ${allowed}`);
  }
  return { every, count, iterations, inheritance };
}
