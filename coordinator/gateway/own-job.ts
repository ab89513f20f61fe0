import { type Identity, RpcProblem } from '@isola/cluster/runtime';
import type { BookedJob, JobBook } from '../jobs/index.js';

/**
 * A job of the caller's tenant.
 * @throws RpcProblem that is the same for what is not there and what is another tenant's
 */
export function ownJob(book: JobBook, id: string, { tenant }: Identity): BookedJob {
  const booked = book.owned(tenant, id);
  if (booked !== undefined) return booked;
  throw new RpcProblem('NOT_FOUND', 'there is no such job');
}
