import { contentId } from '@isola/coordinator/store';

/** All that a cell is computed from. */
export interface ToyInput {
  readonly jobHash: string;
  readonly kernelVersion: string;
  readonly seed: number;
  readonly island: number;
  readonly epoch: number;
  /** The island before; null at the beginning. */
  readonly state: Uint8Array | null;
  readonly immigrants: readonly { readonly island: number; readonly emigrants: Uint8Array }[];
  readonly isFinish: boolean;
  /** Whether a finishing cell ends early, with what it has. */
  readonly isCutShort: boolean;
}

export interface ToyOutput {
  readonly state: Uint8Array;
  readonly stateId: string;
  readonly emigrants: Uint8Array;
  readonly emigrantsId: string;
  /** The best of the island so far. */
  readonly value: number;
  readonly evaluations: number;
}

interface ToyState {
  readonly value: number;
  readonly hash: string;
}

const encoded = (data: unknown) => new TextEncoder().encode(JSON.stringify(data));
const decoded = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as ToyState;

/** Computes a cell: any other input, or another order of the same, gives other bytes. */
export function toyCell(input: ToyInput): ToyOutput {
  const { state, immigrants, ...rest } = input;
  const before = state === null ? null : decoded(state);
  const arrivals = immigrants.map(({ island, emigrants }) => [island, decoded(emigrants).hash]);
  const hash = contentId(JSON.stringify([rest, before?.hash ?? null, arrivals])).slice(0, 32);
  const found = Number.parseInt(hash.slice(0, 8), 16) / 2 ** 24;
  const value = Math.min(found, before?.value ?? Infinity);
  const evaluations = 1 + (Number.parseInt(hash.slice(8, 10), 16) % 7);
  const made: ToyState = { value, hash };
  return toyOutput(encoded(made), encoded({ ...made, leaves: input.island }), value, evaluations);
}

/** A result with the names of its bytes. */
export function toyOutput(
  state: Uint8Array,
  emigrants: Uint8Array,
  value: number,
  evaluations: number,
): ToyOutput {
  const [stateId, emigrantsId] = [contentId(state), contentId(emigrants)];
  return { state, stateId, emigrants, emigrantsId, value, evaluations };
}

/** The same result, told wrongly by next to nothing: in its value, or in its state. */
export function lieOf(output: ToyOutput, isAboutState: boolean, ulps: number): ToyOutput {
  const value = moreBy(ulps, output.value);
  if (!isAboutState) return { ...output, value };
  const state = encoded({ ...decoded(output.state), value });
  return toyOutput(state, output.emigrants, output.value, output.evaluations);
}

/** The float64 so many places after a positive one. */
function moreBy(ulps: number, value: number): number {
  const number = new Float64Array([value]);
  const view = new BigUint64Array(number.buffer);
  view[0] += BigInt(ulps);
  return number[0];
}
