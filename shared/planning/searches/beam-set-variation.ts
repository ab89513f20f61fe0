/** New sets of beams out of known ones. A set is ascending indices of candidates, all different. */
import type { RandomStream } from '@isola/kernels/random';
import { type BeamAngles, beamAxes, dot3 } from '../beams/index.js';

/** Random numbers for one child: the same draw always gives the same number. */
export class Draws {
  private next = 0;

  constructor(
    private readonly stream: RandomStream,
    private readonly island: number,
    private readonly generation: number,
    private readonly individual: number,
  ) {}

  uniform(): number {
    return this.stream.uniform(this.island, this.generation, this.individual, this.next++);
  }

  integer(bound: number): number {
    const { island, generation, individual } = this;
    return this.stream.integer(bound, island, generation, individual, this.next++);
  }
}

/** Beams that both parents have, filled up with beams that one of them has. */
export function crossSets(a: Uint16Array, b: Uint16Array, draws: Draws): Uint16Array {
  const child = Array.from(a.filter((beam) => b.includes(beam)));
  const others = [...a, ...b].filter((beam) => !child.includes(beam));
  while (child.length < a.length) child.push(...others.splice(draws.integer(others.length), 1));
  return Uint16Array.from(child).sort();
}

/** Every beam moves with this probability: half of them to a neighbour, half of them anywhere. */
export function mutateSet(
  set: Uint16Array,
  probability: number,
  pool: CandidatePool,
  draws: Draws,
): Uint16Array {
  let mutant = set;
  for (const beam of set) {
    if (draws.uniform() >= probability) continue;
    mutant = moveBeam(mutant, beam, pool, draws);
  }
  return mutant;
}

/** The set with one of its beams moved. */
export function moveBeam(
  set: Uint16Array,
  beam: number,
  pool: CandidatePool,
  draws: Draws,
): Uint16Array {
  const isNear = draws.uniform() < 0.5;
  const free = (isNear ? pool.neighbours(beam) : pool.all).filter((c) => !set.includes(c));
  if (free.length === 0) return set;
  const moved = free[draws.integer(free.length)];
  return set.map((other) => (other === beam ? moved : other)).sort();
}

/** `count` different candidates, any of them. */
export function randomSet(count: number, pool: CandidatePool, draws: Draws): Uint16Array {
  const left = [...pool.all];
  const picked = Array.from({ length: count }, () => left.splice(draws.integer(left.length), 1)[0]);
  return Uint16Array.from(picked).sort();
}

/** Evenly over the pool's order; `turn` in [0, 1) is a part of the distance between two. */
export function evenSet(count: number, pool: CandidatePool, turn: number): Uint16Array {
  const { length } = pool.all;
  const at = (k: number) => Math.floor(((k + turn) * length) / count) % length;
  return Uint16Array.from({ length: count }, (_, k) => at(k)).sort();
}

/** Candidates with the angles between them. */
export class CandidatePool {
  readonly all: readonly number[];
  private readonly directions: readonly (readonly [number, number, number])[];
  private readonly near = new Map<number, number[]>();

  constructor(candidates: readonly BeamAngles[]) {
    this.all = Array.from(candidates.keys());
    this.directions = candidates.map((angles) => beamAxes(angles).y);
  }

  /** The cosine of the angle between two beams. */
  closeness(a: number, b: number): number {
    return dot3(this.directions[a], this.directions[b]);
  }

  /** The six nearest. */
  neighbours(candidate: number): number[] {
    const known = this.near.get(candidate);
    if (known !== undefined) return known;
    const others = this.all.filter((other) => other !== candidate);
    const closeness = others.map((other) => this.closeness(candidate, other));
    const order = Array.from(others.keys()).sort((i, j) => closeness[j] - closeness[i] || i - j);
    const nearest = order.slice(0, NEIGHBOURS).map((i) => others[i]);
    this.near.set(candidate, nearest);
    return nearest;
  }
}

const NEIGHBOURS = 6;
