import type { Dispatcher } from '../scheduling/index.js';

/** Why a coordinator is no place to send work to; null where all is well. */
export function unready({ isDeposed, paused }: Dispatcher): string | null {
  if (isDeposed) return 'another coordinator leads';
  // The reason itself names a place of this machine.
  return paused === null ? null : 'paused: the store takes nothing; nothing acknowledged is lost';
}
