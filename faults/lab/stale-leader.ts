import { type JetStreamStore, jetStreamStore } from '@isola/coordinator/jetstream';
import type { ClusterEvent } from '@isola/coordinator/jobs';
import { isStoreProblem } from '@isola/coordinator/store';
import type { LabCluster } from './lab-cluster.js';

const NAME = 'stale';

/** Knows the log as it is now, and later writes as a leader would that has slept since. */
export class StaleLeader {
  refused = 0;

  private constructor(
    private readonly store: JetStreamStore<ClusterEvent>,
    private readonly version: number,
  ) {}

  static async of({ servers }: LabCluster): Promise<StaleLeader> {
    const store = await jetStreamStore<ClusterEvent>({ servers: servers.map(({ url }) => url) });
    return new StaleLeader(store, (await store.load()).length);
  }

  /** Each write goes to the server, which alone can refuse it. */
  async write(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const event: ClusterEvent = { type: 'LeaderElected', coordinator: NAME, term: n };
      await this.store.append(event, this.version).catch((error: unknown) => {
        if (!isStoreProblem(error, 'conflict')) throw error;
        this.refused++;
      });
    }
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** How much of what such leaders wrote is in the log. */
export function staleWrites({ events }: LabCluster): number {
  return events.filter((event) => event.type === 'LeaderElected' && event.coordinator === NAME)
    .length;
}
