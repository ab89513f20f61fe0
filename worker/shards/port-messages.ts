/** What the thread that computes and the thread with the sockets tell each other about shards. */
import type { ShardAnswer, ShardRange } from '@isola/planning/problem';
import type { AskedStep } from '../exchange/messages.js';

/** From the computing thread of who leads. */
export type LeadOrder =
  /** Look for helpers. */
  | { readonly type: 'begin'; readonly count: number }
  | { readonly type: 'ask'; readonly step: number; readonly brought: Float64Array }
  /** All that is to be computed here is. */
  | { readonly type: 'waiting' }
  /** What is answered for these shards does not fit them. */
  | { readonly type: 'misfit'; readonly range: ShardRange }
  /** The run is over: helpers are free. */
  | { readonly type: 'end' };

/** To it. */
export type LeadNews =
  | { readonly type: 'begun'; readonly own: ShardRange }
  /** From who has these shards. */
  | {
      readonly type: 'answers';
      readonly range: ShardRange;
      readonly answers: readonly ShardAnswer[];
    }
  /** Nobody else answers for these shards any more. */
  | { readonly type: 'take'; readonly range: ShardRange };

/** To the computing thread of a helper. */
export interface HelpOrder extends AskedStep {
  readonly brought: Float64Array;
}

/** From it. */
export interface HelpNews extends AskedStep {
  readonly answers: readonly ShardAnswer[];
}
