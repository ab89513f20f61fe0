import { type SimulationReport, simulate } from '../cluster/index.js';
import type { PlantedBug } from './planted-bug.js';

export interface Hunt {
  readonly bug: string;
  /** The run that found it; null: none did. */
  readonly found: SimulationReport | null;
  /** Seeds that were tried. */
  readonly tried: number;
}

/** Looks for a planted bug, seed by seed from 1. */
export async function hunt(bug: PlantedBug, mostSeeds: number): Promise<Hunt> {
  const undo = bug.plant();
  try {
    for (let seed = 1; seed <= mostSeeds; seed++) {
      const found = await simulate(seed, bug.faults && { faults: bug.faults });
      if (found.violations.length > 0) return { bug: bug.name, found, tried: seed };
    }
    return { bug: bug.name, found: null, tried: mostSeeds };
  } finally {
    undo();
  }
}
