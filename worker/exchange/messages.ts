/**
 * What workers tell each other while they optimise one plan together. One leads a run: it has the
 * cell and the optimiser. Others help it: they answer for some of the shards.
 */
import type { ShardAnswer, ShardRange } from '@isola/planning/problem';

/** A worker's name where subjects are made of it. */
export type Peer = string;

/** A step of an evaluation, in the order in which they are asked. */
export interface AskedStep {
  /** Counts from 1 in a run. */
  readonly evaluation: number;
  readonly step: number;
}

/** To all workers: who has time for a run? */
export interface Call {
  readonly type: 'call';
  readonly run: string;
  readonly lead: Peer;
  /** The plan's bundle. */
  readonly subject: string;
}

export interface Offer {
  readonly type: 'offer';
  readonly run: string;
  readonly helper: Peer;
}

/** To one who has offered: answer for these shards. */
export interface Join extends ShardRange {
  readonly type: 'join';
  readonly run: string;
  readonly lead: Peer;
  /** The plan's bundle. */
  readonly subject: string;
}

/** To all helpers of a run, or again to one of them. */
export interface Ask extends AskedStep {
  readonly type: 'ask';
  readonly run: string;
  readonly brought: Float64Array;
}

/** For all shards that a helper has. */
export interface Answer extends AskedStep {
  readonly type: 'answer';
  readonly run: string;
  readonly helper: Peer;
  readonly answers: readonly ShardAnswer[];
}

/** Several times a second, from each helper: where it is. */
export interface Helping extends AskedStep {
  readonly type: 'helping';
  readonly run: string;
  readonly helper: Peer;
  readonly isAnswered: boolean;
}

/** Every second, from who leads. */
export interface Leading {
  readonly type: 'leading';
  readonly run: string;
}

/** From who leads: the run is over for you. From a helper: it is over for me. */
export interface Leave {
  readonly type: 'leave';
  readonly run: string;
  readonly helper: Peer | null;
}

export type ExchangeMessage = Call | Offer | Join | Ask | Answer | Helping | Leading | Leave;
