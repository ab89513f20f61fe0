/** A route as data: the server and its OpenAPI document are both made from these. */
import type { Identity } from '@isola/cluster/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** JSON Schema, draft 2020-12 in what of it draft 7 has too. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
}

export interface Answer {
  readonly description: string;
  /** Of its body; none where there is none. */
  readonly mediaType?: string;
  readonly schema?: Schema;
  readonly headers?: readonly string[];
}

export interface RequestBody {
  readonly description: string;
  readonly mediaTypes: readonly string[];
  readonly schema: Schema;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** With `{id}` where a job's id stands. */
  readonly path: string;
  readonly summary: string;
  /** Who may make this call of the wire contract may make this one. */
  readonly rpc: string;
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Gives the body of the answer, or the reply where that is not all. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply, caller: Identity) => unknown;
}

export const JSON_TYPE = 'application/json';
export const PROBLEM_TYPE = 'application/problem+json';
