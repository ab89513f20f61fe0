import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { LabCluster } from './lab-cluster.js';

const STREAM = 'isola-events';
/** Each coordinator puts a name of its own on what it writes. */
const WRITER = 'Isola-Writer';

/** Terms of office in which not only the coordinator that was elected has written. */
export async function splitTerms({ servers: [server], events }: LabCluster): Promise<number> {
  const connection = await connect({ servers: server.url });
  try {
    const { direct } = await jetstreamManager(connection);
    const split = new Set<number>();
    let [term, leader] = [0, ''];
    for (const [i, event] of events.entries()) {
      const message = await direct.getMessage(STREAM, { seq: i + 1 });
      const writer = message?.header.get(WRITER) ?? '';
      if (event.type === 'LeaderElected') [term, leader] = [event.term, writer];
      else if (writer === '' || writer !== leader) split.add(term);
    }
    return split.size;
  } finally {
    await connection.close();
  }
}
