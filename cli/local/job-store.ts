import { join } from 'node:path';
import type { JobEvent, JobSpec } from '@isola/coordinator/jobs';
import { fileStore, type Store } from '@isola/coordinator/store';

/**
 * Opens the store of a job below `folder`, in a folder of its own named by the job's hash: the same
 * job finds what it has done before, another one begins afresh beside it. Closes it after `work`.
 * @throws StoreError
 */
export async function inJobStore<T>(
  folder: string,
  { jobHash }: JobSpec,
  work: (store: Store<JobEvent>) => Promise<T>,
): Promise<T> {
  const store = await fileStore<JobEvent>(join(folder, jobHash));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
