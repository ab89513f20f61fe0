/** Small plans and what is wrong with them, for tests of plan files. */
import { InputError } from '@isola/optimizers/problem';
import { readPlan } from './read-plan.js';

/** The smallest plan; what it leaves out has defaults. */
export const smallestPlan = `case: phantom:tg119-c-shape
machine: generic-6mv
prescription: { structure: Target, doseGy: 50 }
beams: { gantryDeg: [0, 120, 240], bixelMm: 5 }
doseGridMm: 3
fractions: 25
objectives:
  - { structure: Target, type: squared-deviation, doseGy: 50, weight: 1000 }
`;

/** The smallest plan with lines replaced (by key) or added. */
export function toyPlan(...lines: readonly string[]): string {
  let text = smallestPlan;
  for (const line of lines) {
    const key = line.slice(0, line.indexOf(':') + 1);
    const found = new RegExp(`^${key}.*$`, 'm');
    text = found.test(text) ? text.replace(found, line) : `${text}${line}\n`;
  }
  return text;
}

/** The error that a plan is refused with. */
export function errorOf(text: string): InputError {
  try {
    readPlan(text, 'plan.yaml');
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the plan was accepted');
}
