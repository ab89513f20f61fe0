/** Whose beam angles are searched: two cases, 72 coplanar candidates each. */
import type { BeamAngles } from '@isola/planning/beams';
import type { FluenceSpec } from '@isola/planning/searches';
import { loadPlan } from '@isola/worker/plans';
import { absent, openKbpFolder } from '../inputs/dose-cases.js';
import { examplePlan } from '../inputs/places.js';

export interface AngleCase {
  readonly name: string;
  /** The path that it needs, where that does not exist; else null. */
  readonly missing: string | null;
  /** What is searched: less where sets cost more. */
  readonly extent: { readonly islands: number; readonly epochs: number };
  /** The plan with 5 mm beamlets on a grid of 3 mm at most, or the patient's own. */
  load(): Promise<FluenceSpec>;
}

export const CANDIDATES = coplanar(72);

export function angleCases(dataFolder: string): AngleCase[] {
  return [
    {
      ...{ name: 'c-shape', missing: null, extent: { islands: 4, epochs: 2 } },
      load: () => spec('tg119-c-shape', [3, 3, 3]),
    },
    {
      ...{ name: 'pt_242', missing: absent(openKbpFolder(dataFolder, 'pt_242')) },
      extent: { islands: 3, epochs: 1 },
      load: () => spec('openkbp-pt_242', 'case'),
    },
  ];
}

/** Evenly around the patient, from gantry 0. */
export function coplanar(count: number): BeamAngles[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ gantryDeg: (360 / count) * i, couchDeg: 0, collimatorDeg: 0 },
  }));
}

async function spec(plan: string, doseGridMm: FluenceSpec['doseGridMm']): Promise<FluenceSpec> {
  const loaded = await loadPlan(examplePlan(plan));
  return { ...loaded.spec, doseGridMm, beamletMm: 5 };
}
