/**
 * What workers tell each other while they optimise one plan together. One leads a run: it has the
 * cell and the optimiser. Others help it: they answer for some of the shards. What does not fit is
 * no message; whether an answer fits its shards is for who asked.
 */
import { z } from 'zod';

/** A worker's name where subjects are made of it. */
export type Peer = string;

const peer = z.string().regex(/^[0-9a-f]{16}$/);
const run = z.uuid();
const numbers = z.custom<Float64Array>((value) => value instanceof Float64Array);
/** The plan's bundle. */
const subject = z.string();
/** A step of an evaluation, in the order in which they are asked; evaluations count from 1. */
const askedStep = { evaluation: z.int(), step: z.int() };
const shardRange = { from: z.int(), to: z.int() };

export const exchangeMessage = z.discriminatedUnion('type', [
  /** To all workers: who has time for a run? */
  z.object({ type: z.literal('call'), run, lead: peer, subject }),
  z.object({ type: z.literal('offer'), run, helper: peer }),
  /** To one who has offered: answer for these shards. */
  z.object({ type: z.literal('join'), run, lead: peer, subject, ...shardRange }),
  /** To all helpers of a run, or again to one of them. */
  z.object({ type: z.literal('ask'), run, ...askedStep, brought: numbers }),
  /** For all shards that a helper has. */
  z.object({
    ...{ type: z.literal('answer'), run, helper: peer, ...askedStep },
    answers: z.array(z.object({ ...shardRange, numbers })).readonly(),
  }),
  /** Several times a second, from each helper: where it is. */
  z.object({
    ...{ type: z.literal('helping'), run, helper: peer, ...askedStep, isAnswered: z.boolean() },
  }),
  /** Every second, from who leads. */
  z.object({ type: z.literal('leading'), run }),
  /** From who leads: the run is over for you. From a helper: it is over for me. */
  z.object({ type: z.literal('leave'), run, helper: peer.nullable() }),
]);

export type ExchangeMessage = z.infer<typeof exchangeMessage>;
type MessageOf<Type extends ExchangeMessage['type']> = Extract<ExchangeMessage, { type: Type }>;
export type Join = MessageOf<'join'>;
export type Ask = MessageOf<'ask'>;
export type Answer = MessageOf<'answer'>;
export type Helping = MessageOf<'helping'>;
export type AskedStep = Pick<Ask, 'evaluation' | 'step'>;
