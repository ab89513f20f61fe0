import type { TlsFiles } from '@isola/cluster/runtime';
import { StoreError, type StoreProblem } from '../store/index.js';
import { askMonitor } from './nats-monitor.js';
import { isNewEnough, NEEDED } from './server-version.js';

/** What is asked of `/varz`. */
interface Variables {
  readonly version?: string;
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

const TIMEOUT_MS = 5000;
/** Codes of errors of a machine that is off, or a server that is, or says nothing in time. */
const SILENCE: readonly string[] = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ABORT_ERR'],
];

/**
 * Refuses servers that would forget in a power cut what they acknowledged, as they do by default.
 * Fewer than half of them may be away: a log on several servers is there without them.
 * @param monitorUrls where their monitors answer, such as `http://127.0.0.1:8222`
 * @param tls where that is https
 * @throws StoreError 'unwritable', with what to change; 'away'
 */
export async function checkNatsServers(
  monitorUrls: readonly string[],
  tls: TlsFiles | null = null,
): Promise<void> {
  const asked = await Promise.allSettled(monitorUrls.map((url) => variables(url, tls)));
  const away: StoreError[] = [];
  for (const [i, each] of asked.entries()) {
    const url = monitorUrls[i];
    if (each.status === 'fulfilled') checkVariables(url, each.value);
    else {
      const { message } = each.reason as Error;
      const why = `cannot be asked how it keeps data: ${message}`;
      if (!isSilence(each.reason)) throw refusal(url, why);
      away.push(refusal(url, why, 'away'));
    }
  }
  if (2 * away.length >= monitorUrls.length) throw away[0];
}

function checkVariables(url: string, { version = 'unknown', jetstream }: Variables): void {
  if (!isNewEnough(version)) throw refusal(url, `is ${version}; ${NEEDED} or newer is needed`);
  if (jetstream?.config === undefined) {
    throw refusal(url, 'keeps nothing; give it a jetstream block with a store_dir');
  }
  if (jetstream.config.sync_always !== true) {
    const remedy = 'set "sync_interval: always" in its jetstream block';
    throw refusal(url, `forgets in a power cut what it acknowledged; ${remedy}`);
  }
}

function refusal(monitorUrl: string, why: string, problem: StoreProblem = 'unwritable') {
  return new StoreError(problem, `${monitorUrl}: this NATS server ${why}`);
}

/** Whether there was no answer at all; one that cannot be trusted, or read, is one. */
function isSilence(error: unknown): boolean {
  return SILENCE.includes((error as NodeJS.ErrnoException).code ?? '');
}

async function variables(monitorUrl: string, tls: TlsFiles | null): Promise<Variables> {
  const { status, text } = await askMonitor(`${monitorUrl}/varz`, tls, TIMEOUT_MS);
  if (status !== 200) throw new Error(`HTTP status ${status}`);
  return JSON.parse(text) as Variables;
}
