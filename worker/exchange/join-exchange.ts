import type { CellComputer } from '../threads/index.js';
import { ShardHelp } from './help.js';
import { ShardLead } from './lead.js';
import { type ExchangeLink, peerOf } from './link.js';

export interface ExchangeMeans {
  /** The worker's name. */
  readonly name: string;
  readonly computer: CellComputer;
  /** Fetches a plan's bundle. */
  readonly fetchSubject: (id: string) => Promise<Uint8Array>;
  /** Whether the worker has time for others. */
  readonly hasTime: () => boolean;
}

/**
 * Lets a worker optimise plans together with others: it asks them for help with its own, and helps
 * them with theirs. Returns how to end that.
 */
export function joinExchange(
  link: ExchangeLink,
  { name, computer, fetchSubject, hasTime }: ExchangeMeans,
): () => Promise<void> {
  const who = { link, self: peerOf(name), nowMs: () => performance.now() };
  computer.lead = (port, subject) => void new ShardLead(port, { ...who, subject });
  const help = new ShardHelp({
    ...{ ...who, hasTime },
    serve: ({ subject, from, to }, give) =>
      computer.serve(
        { subject, fetchSubject: () => fetchSubject(subject), range: { from, to } },
        give,
      ),
  });
  return async () => {
    computer.lead = null;
    help.close();
    await link.close();
  };
}
