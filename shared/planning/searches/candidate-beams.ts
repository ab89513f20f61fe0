/**
 * The condensed beams of a search's candidates: each is computed when it is first asked for, kept
 * in memory up to a limit, and in a cache that survives the run. Which of the three a beam comes
 * from changes no bit of it.
 */
import type { Executor } from '@isola/kernels/backends';
import type { Beam, BeamAngles } from '../beams/index.js';
import { condensedInfluence, prepareDose, type RowClusters, viewCondensed } from '../dose/index.js';
import type { ClusteredTerms } from '../problem/index.js';
import type { BeamCache } from './angle-search-spec.js';
import { doseSpec } from './final-dose.js';
import type { FluenceSpec } from './fluence-spec.js';
import { planBeams } from './plan-beams.js';

/** What candidates are made of, and where they are kept. */
export interface CandidateBeamsOptions {
  readonly fluence: FluenceSpec;
  readonly candidates: readonly BeamAngles[];
  readonly clusters: ClusteredTerms;
  readonly executor: Executor;
  readonly cache: BeamCache;
  /** The name of a beam in the cache: of all that decides its bytes. */
  readonly keyOf: (angles: BeamAngles) => string;
  readonly memoryBytes: number;
  /** Told of every beam that was computed. */
  readonly onComputed?: () => void;
}

/** Beams whose dose is prepared together. */
const BATCH = 8;

export class CandidateBeams {
  private readonly kept = new Map<number, SharedArrayBuffer>();
  private keptBytes = 0;
  private readonly coming = new Map<number, Promise<SharedArrayBuffer>>();
  private readonly geometries = new Map<number, Beam>();
  /** Batches follow one another: each takes memory of its own while it lasts. */
  private lastBatch: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: CandidateBeamsOptions) {}

  /** Where the beamlets of a candidate are. */
  geometry(candidate: number): Beam {
    const known = this.geometries.get(candidate);
    if (known !== undefined) return known;
    const { fluence, candidates } = this.options;
    const [beam] = planBeams({ ...fluence, angles: [candidates[candidate]] }).beams;
    this.geometries.set(candidate, beam);
    return beam;
  }

  /** Condensed beams of these candidates, in their order. */
  async condensed(candidates: ArrayLike<number>): Promise<SharedArrayBuffer[]> {
    const wanted = Array.from(candidates);
    const missing = wanted.filter((c) => !this.kept.has(c) && !this.coming.has(c));
    for (let from = 0; from < missing.length; from += BATCH) {
      this.fetch(missing.slice(from, from + BATCH));
    }
    return Promise.all(
      wanted.map(async (c) => this.used(c) ?? (this.coming.get(c) as Promise<SharedArrayBuffer>)),
    );
  }

  /** A beam in memory, from now on the one used last. */
  private used(candidate: number): SharedArrayBuffer | undefined {
    const beam = this.kept.get(candidate);
    if (beam === undefined) return undefined;
    this.kept.delete(candidate);
    this.kept.set(candidate, beam);
    return beam;
  }

  private fetch(batch: readonly number[]): void {
    const loaded = this.lastBatch.then(() => this.load(batch));
    this.lastBatch = loaded.catch(() => undefined);
    batch.forEach((candidate, k) => {
      const beam = loaded.then((beams) => this.keep(candidate, beams[k]));
      beam.catch(() => undefined);
      this.coming.set(candidate, beam);
    });
  }

  /** From the cache, or computed and put there. */
  private async load(batch: readonly number[]): Promise<SharedArrayBuffer[]> {
    const { cache, candidates, keyOf } = this.options;
    const keys = batch.map((candidate) => keyOf(candidates[candidate]));
    const found = await Promise.all(keys.map((key) => cache.get(key)));
    const absent = batch.filter((_, k) => found[k] === null);
    const computed = absent.length === 0 ? [] : await this.compute(absent);
    return Promise.all(
      found.map(async (bytes, k) => {
        if (bytes !== null) return shared(bytes);
        const beam = computed[absent.indexOf(batch[k])];
        await cache.put(keys[k], new Uint8Array(beam));
        return beam;
      }),
    );
  }

  private async compute(batch: readonly number[]): Promise<SharedArrayBuffer[]> {
    const { fluence, clusters, executor, onComputed } = this.options;
    const beams = batch.map((candidate) => this.geometry(candidate));
    const prepared = await prepareDose(doseSpec(fluence, beams, clusters.voxels), executor);
    const rowClusters: RowClusters = clusters;
    return Promise.all(
      condensedInfluence(prepared, rowClusters, executor).map(async (coming) => {
        const beam = await coming;
        onComputed?.();
        return beam;
      }),
    );
  }

  /** Puts a beam into memory; those not asked for the longest make room. */
  private keep(candidate: number, beam: SharedArrayBuffer): SharedArrayBuffer {
    this.coming.delete(candidate);
    this.kept.set(candidate, beam);
    this.keptBytes += beam.byteLength;
    for (const [oldest, { byteLength }] of this.kept) {
      if (this.keptBytes <= this.options.memoryBytes || oldest === candidate) break;
      this.kept.delete(oldest);
      this.keptBytes -= byteLength;
    }
    return beam;
  }
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  viewCondensed(buffer);
  return buffer;
}
