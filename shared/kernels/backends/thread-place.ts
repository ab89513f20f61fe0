/**
 * Places in an arena that belong to the calling thread, one a purpose, taken anew only to grow. An
 * arena frees nothing: without them, work that is opened again and again would fill it.
 */
import { type Arena, allocate } from './arena.js';

interface Place {
  readonly offset: number;
  readonly bytes: number;
  /** Where the vector that lies here is kept while another one does; see `threadVector`. */
  tenant: Float32Array | null;
}

const places = new Map<string, Place>();

function placeFor(arena: Arena, purpose: string, bytes: number): Place {
  const key = `${arena.id} ${purpose}`;
  let place = places.get(key);
  if (place === undefined || place.bytes < bytes) {
    place = { offset: allocate(arena, bytes), bytes, tenant: null };
    places.set(key, place);
  }
  return place;
}

/** Offset of at least `bytes`; what they hold is left from whoever used them last. */
export function threadPlace(arena: Arena, purpose: string, bytes: number): number {
  return placeFor(arena, purpose, bytes).offset;
}

/** A vector that shares its place in the arena with others of its thread. */
export interface ThreadVector {
  readonly offset: number;
  /** What lies at `offset`: this vector only after `enter`, and until another one enters. */
  readonly values: Float32Array;
  /** Brings the vector into its place; whose it was is kept outside. */
  enter(): void;
}

/** A zero vector over `rows` rows, with `bytes` in the arena for padding rows too. */
export function threadVector(arena: Arena, rows: number, bytes: number): ThreadVector {
  const place = placeFor(arena, 'vector', bytes);
  const kept = new Float32Array(bytes / 4);
  const inPlace = (count: number) => new Float32Array(arena.memory.buffer, place.offset, count);
  return {
    offset: place.offset,
    values: inPlace(rows),
    enter: () => {
      if (place.tenant === kept) return;
      place.tenant?.set(inPlace(place.tenant.length));
      inPlace(kept.length).set(kept);
      place.tenant = kept;
    },
  };
}
