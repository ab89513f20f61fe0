/** Settings of the neighbourhood search and what stands for those that are not given. */
import { InputError } from '../problem/index.js';
import {
  type Crossover,
  checkCrossover,
  checkMutation,
  type Mutation,
} from '../variation/index.js';
import { checkCount, checkTolerance } from './settings.js';

/** How the annealing proposes a new value of one variable. */
export type NeighbourhoodMove =
  | {
      /** Uniformly about the old value, within this part of its range, above 0. */
      readonly kind: 'uniform';
      readonly part: number;
    }
  | {
      /** The same with a part of each variable's own, adapted until 44 % are accepted. */
      readonly kind: 'adaptive';
    }
  | {
      /**
       * Drawn from the Boltzmann distribution along the variable, as a parabola through the old
       * value and a probe on each side gives it: two more costs.
       */
      readonly kind: 'heat-bath';
      /**
       * How far beyond the mean of that distribution, above 0 and below 2: 1 for no further; more
       * cures the slowness of moves along one variable at a time.
       */
      readonly relaxation: number;
    };

export interface NeighbourhoodOptions {
  /** N: pairs that may be crossed in a generation, 1 or more; 2 N + 1 points. Default 12. */
  readonly pairs?: number;
  /** False leaves out crossover and mutation: parallel annealing. Default true. */
  readonly evolution?: boolean;
  /** Default: uniform. A blend costs least, as the images of points blend too. */
  readonly crossover?: Crossover;
  /** p_c, how likely a pair is crossed, 0 to 1; not published. Default 0.9. */
  readonly crossoverProbability?: number;
  /**
   * Whom the first child is tested against, in whose place it wants to be: the second parent is as
   * printed, the first, whom it would replace, as is usual. Default 'second'.
   */
  readonly against?: 'first' | 'second';
  /**
   * What becomes of the second child, which the paper does not say: nothing, or it is tested
   * likewise for the place of the second parent. Default 'dropped'.
   */
  readonly secondChild?: 'dropped' | 'tested';
  /** Default: uniform. */
  readonly mutation?: Mutation;
  /**
   * p_m, how likely each variable of a point that had its turn to be crossed mutates, 0 to 1.
   * Default 0.01.
   */
  readonly mutationProbability?: number;
  /**
   * z: changes of a variable that the annealing tries on each point in a generation; 0 leaves it
   * out: a genetic algorithm. Not published. Default: as many as there are variables.
   */
  readonly samples?: number;
  /** Default: heat-bath with relaxation 1. */
  readonly move?: NeighbourhoodMove;
  /**
   * Which variable is tried: one after the other, all once in strides that each sweep draws anew,
   * or any. Default 'in-turn', which is slow where neighbours cause much the same.
   */
  readonly order?: 'in-turn' | 'strides' | 'random';
  /** T at the start, in units of the cost over k, 0 or more. Default 0.025. */
  readonly temperature?: number;
  /** k, above 0; not published. Default 1. */
  readonly boltzmann?: number;
  /** b: what the temperature is multiplied with, above 0 and below 1. Default 0.99. */
  readonly cooling?: number;
  /** When: the printed step 6 says once an epoch, step 1.3 once a generation. Default 'epoch'. */
  readonly cooledEvery?: 'epoch' | 'generation';
  /**
   * S: generations in an epoch, 1 or more; not published. After each the images of the points are
   * dropped, to be computed anew from the points. Default 10.
   */
  readonly epochGenerations?: number;
  /**
   * The first points lie within this of the start, in every variable. Default: anywhere in the
   * box. To be given where a range is infinite; there it also stands for half the range of moves.
   */
  readonly initialRadius?: number;
}

/** `samples` is null for as many as there are variables. */
export type NeighbourhoodSettings = Required<
  Omit<NeighbourhoodOptions, 'initialRadius' | 'samples'>
> & { readonly samples: number | null };

/** @throws InputError for a setting outside its range */
export function checkedNeighbourhood(options: NeighbourhoodOptions): NeighbourhoodSettings {
  const settings: NeighbourhoodSettings = {
    ...{ pairs: 12, evolution: true, crossover: { kind: 'uniform' }, crossoverProbability: 0.9 },
    ...{ against: 'second', secondChild: 'dropped', mutation: { kind: 'uniform' } },
    ...{ mutationProbability: 0.01, samples: null, move: { kind: 'heat-bath', relaxation: 1 } },
    ...{ order: 'in-turn', temperature: 0.025, boltzmann: 1, cooling: 0.99 },
    ...{ cooledEvery: 'epoch', epochGenerations: 10 },
    ...options,
  };
  const { crossoverProbability, mutationProbability, samples } = settings;
  checkCount('pairs', settings.pairs, 1);
  checkCount('epochGenerations', settings.epochGenerations, 1);
  if (samples !== null) checkCount('samples', samples, 0);
  checkCrossover('crossover', settings.crossover);
  checkMutation('mutation', settings.mutation);
  checkMove(settings.move);
  checkTolerance('temperature', settings.temperature);
  for (const [name, value] of Object.entries({ crossoverProbability, mutationProbability })) {
    check(name, value, value >= 0 && value <= 1, '0 to 1');
  }
  const { against, secondChild, order, cooledEvery, boltzmann, cooling } = settings;
  checkName('against', against, ['first', 'second']);
  checkName('secondChild', secondChild, ['dropped', 'tested']);
  checkName('order', order, ['in-turn', 'strides', 'random']);
  checkName('cooledEvery', cooledEvery, ['epoch', 'generation']);
  check('boltzmann', boltzmann, boltzmann > 0 && boltzmann < Infinity, 'a number above 0');
  check('cooling', cooling, cooling > 0 && cooling < 1, 'above 0 and below 1');
  const { initialRadius: radius = 1 } = options;
  check('initialRadius', radius, radius > 0 && radius < Infinity, 'a number above 0');
  return settings;
}

function checkMove(move: NeighbourhoodMove): void {
  checkName('move.kind', move.kind, ['uniform', 'adaptive', 'heat-bath']);
  if (move.kind === 'uniform') {
    check('move.part', move.part, move.part > 0 && move.part <= 1, 'above 0, at most 1');
  } else if (move.kind === 'heat-bath') {
    const { relaxation } = move;
    check('move.relaxation', relaxation, relaxation > 0 && relaxation < 2, 'above 0 and below 2');
  }
}

function checkName(place: string, value: string, allowed: readonly string[]): void {
  check(place, value, allowed.includes(value), allowed.join(', '));
}

function check(place: string, value: unknown, isAllowed: boolean, allowed: string): void {
  if (!isAllowed) throw new InputError(place, `is ${String(value)}; allowed: ${allowed}`);
}
