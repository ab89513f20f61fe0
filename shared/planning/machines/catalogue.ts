/** The machines that need no file, by the name that a plan file gives. */
import { InputError } from '@isola/optimizers/problem';
import { generic6mv } from './generic-6mv.js';
import type { Machine } from './machine.js';

const makers: Readonly<Record<string, () => Machine>> = { 'generic-6mv': generic6mv };

export const machineNames: readonly string[] = Object.keys(makers);

/** @throws InputError where there is no machine of that name */
export function machineByName(name: string): Machine {
  if (!Object.hasOwn(makers, name)) {
    throw new InputError(
      'machine',
      `'${name}' is not built in; built in are ${machineNames.join(', ')}`,
    );
  }
  return makers[name]();
}
