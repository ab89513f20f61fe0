import type { PlanFile, PlanPath } from '@isola/formats/plan';
import { InputError } from '@isola/optimizers/problem';

/**
 * Does `action`. What it refuses at a place inside the plan, such as `objectives[2].structure`, is
 * refused at that place of the plan's file.
 */
export async function inPlanFile<T>(file: PlanFile, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const path = planPath(error.place);
    // A place with a colon is one in a file already.
    const isInside = Object.hasOwn(file.plan, path[0]) && !error.place.includes(':');
    throw isInside ? new InputError(file.place(path), error.problem) : error;
  }
}

/** `objectives[2].structure` as ['objectives', 2, 'structure']. */
function planPath(place: string): PlanPath {
  return place
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
