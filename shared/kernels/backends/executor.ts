import { Piscina } from 'piscina';

/**
 * Runs exported functions of modules, here or in threads. Arguments and results are structured
 * clones; big data lies in an arena that both sides see.
 */
export interface Executor {
  readonly threads: number;
  /** Calls the export `name` of the module at `url` with `argument`. */
  run<T>(url: string, name: string, argument: unknown): Promise<T>;
  close(): Promise<void>;
}

/** The end of the last task in this thread, whichever executor it was given to. */
let lastInline: Promise<unknown> = Promise.resolve();

/**
 * Runs everything in the calling thread: for tests and small work. One task after the other, as in
 * a thread of its own, where a task has the memory of the module to itself.
 */
export function inlineExecutor(): Executor {
  return {
    threads: 1,
    run: <T>(url: string, name: string, argument: unknown) => {
      const result = lastInline.then(async () => {
        const exported = (await import(url)) as Record<string, (argument: unknown) => T>;
        return exported[name](argument);
      });
      lastInline = result.catch(() => undefined);
      return result;
    },
    close: async () => {},
  };
}

/** Runs in `threads` threads of a piscina pool. Results never depend on their number. */
export function threadExecutor(threads: number): Executor {
  const pool = new Piscina({
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
  });
  return {
    threads,
    run: async <T>(url: string, name: string, argument: unknown) =>
      (await pool.run(argument, { filename: url, name })) as T,
    close: () => pool.destroy(),
  };
}
