import { StoreError } from '../store/index.js';
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
 * @throws StoreError 'unwritable', with what to change
 */
export async function checkNatsServer(monitorUrl: string): Promise<void> {
  const refusal = (why: string) => new StoreError('unwritable', `${monitorUrl}: ${why}`);
  const { version = 'unknown', jetstream } = await variables(monitorUrl).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw refusal(`this NATS server cannot be asked how it keeps data: ${cause}`);
  });
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

async function variables(monitorUrl: string): Promise<Variables> {
  const url = `${monitorUrl.replace(/\/$/, '')}/varz`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return (await response.json()) as Variables;
}
