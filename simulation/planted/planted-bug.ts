import type { FaultOptions } from '../faults/index.js';

/** A small change to the code under test, made from outside and undone again. */
export interface PlantedBug {
  readonly name: string;
  /** The faults that it takes to meet the bug soon; default: those of each seed. */
  readonly faults?: FaultOptions;
  /** Changes the code; gives what undoes it. */
  plant(): () => void;
}

/** Any method, whoever may call it. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for methods of every type.
type Method = (this: any, ...args: any[]) => any;

/** A bug that is another body of one method; `change` is given the right one. */
export function wrongMethod(
  name: string,
  { prototype }: { readonly prototype: object },
  method: string,
  change: (right: Method) => Method,
  faults?: FaultOptions,
): PlantedBug {
  return {
    name,
    ...(faults && { faults }),
    plant() {
      const right = Reflect.get(prototype, method) as Method;
      if (typeof right !== 'function') throw new Error(`${name}: there is no ${method}`);
      Reflect.set(prototype, method, change(right));
      return () => void Reflect.set(prototype, method, right);
    },
  };
}
