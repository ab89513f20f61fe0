import type { MessagePort } from 'node:worker_threads';
import type { ShardRange } from '@isola/planning/problem';
import type { OwnShards } from './led-shards.js';
import type { HelpNews, HelpOrder } from './port-messages.js';

/** Answers for some shards as it is told through a port, until that closes. */
export function serveShards(
  port: MessagePort,
  shards: OwnShards,
  range: ShardRange,
): Promise<void> {
  shards.keep(range);
  return new Promise((resolve, reject) => {
    let last: Promise<void> = Promise.resolve();
    const fail = (error: unknown) => {
      port.close();
      reject(error as Error);
    };
    const answer = async ({ evaluation, step, brought }: HelpOrder) => {
      const answers = await shards.answer(range, step, brought);
      const news: HelpNews = { evaluation, step, answers };
      port.postMessage(news);
    };
    port.on('message', (order: HelpOrder) => {
      last = last.then(() => answer(order));
      last.catch(fail);
    });
    port.on('close', resolve);
  });
}
