import type { TlsFiles } from '@isola/cluster/runtime';
import { askMonitor, StoreError } from '../store/index.js';
import { isNewEnough, NEEDED } from './server-version.js';

/** What is asked of `/varz`. */
interface Variables {
  readonly version?: string;
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

const TIMEOUT_MS = 5000;

/**
 * Refuses a server that would forget in a power cut what it acknowledged, as it does by default.
 * @param monitorUrl where its monitor answers, such as `http://127.0.0.1:8222`
 * @param tls where that is https
 * @throws StoreError 'unwritable', with what to change
 */
export async function checkNatsServer(
  monitorUrl: string,
  tls: TlsFiles | null = null,
): Promise<void> {
  const refusal = (why: string) => new StoreError('unwritable', `${monitorUrl}: ${why}`);
  const { version = 'unknown', jetstream } = await variables(monitorUrl, tls).catch(
    (error: Error) => {
      throw refusal(`this NATS server cannot be asked how it keeps data: ${error.message}`);
    },
  );
  if (!isNewEnough(version)) {
    throw refusal(`this NATS server is ${version}; ${NEEDED} or newer is needed`);
  }
  if (jetstream?.config === undefined) {
    throw refusal('this NATS server keeps nothing; give it a jetstream block with a store_dir');
  }
  if (jetstream.config.sync_always !== true) {
    const remedy = 'set "sync_interval: always" in its jetstream block';
    throw refusal(`this NATS server forgets in a power cut what it acknowledged; ${remedy}`);
  }
}

async function variables(monitorUrl: string, tls: TlsFiles | null): Promise<Variables> {
  const { status, text } = await askMonitor(`${monitorUrl}/varz`, tls, TIMEOUT_MS);
  if (status !== 200) throw new Error(`HTTP status ${status}`);
  return JSON.parse(text) as Variables;
}
