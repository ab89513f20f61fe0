import type { Beam } from '../beams/index.js';
import type { BeamSet } from './angle-search-spec.js';
import type { CandidatePool } from './beam-set-variation.js';

/**
 * Weights for a set of beams to begin its optimisation with: those that a known set has for the
 * same beam, or else for the beam nearest in angle, beamlet by beamlet of the beam's eye view.
 */
export function startFrom(
  known: readonly BeamSet[],
  beams: Uint16Array,
  pool: CandidatePool,
  geometry: (candidate: number) => Beam,
): Float32Array {
  const sources = known.flatMap((set) => {
    let end = 0;
    return Array.from(set.beams, (beam) => {
      const length = geometry(beam).xMm.length;
      end += length;
      return { beam, weights: set.weights.subarray(end - length, end) };
    });
  });
  const parts = Array.from(beams, (beam) => {
    let nearest = sources[0];
    for (const source of sources) {
      if (pool.closeness(source.beam, beam) > pool.closeness(nearest.beam, beam)) nearest = source;
    }
    return transferred(geometry(nearest.beam), nearest.weights, geometry(beam));
  });
  const start = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    start.set(part, at);
    at += part.length;
  }
  return start;
}

/** Weights at the same places in another beam's view; their mean where there was no beamlet. */
function transferred(from: Beam, weights: Float32Array, to: Beam): Float32Array {
  const place = ({ beamletMm }: Beam, x: number, z: number) =>
    4096 * Math.round(x / beamletMm) + Math.round(z / beamletMm);
  const at = new Map(Array.from(weights, (w, j) => [place(from, from.xMm[j], from.zMm[j]), w]));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return Float32Array.from(to.xMm, (x, j) => at.get(place(to, x, to.zMm[j])) ?? mean);
}
