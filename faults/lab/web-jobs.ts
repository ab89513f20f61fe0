/** Jobs over HTTP, as plans that only workers find fault with come in. */
import { setTimeout as pause } from 'node:timers/promises';

/** What is told of a job. */
export interface WebJob {
  readonly id: string;
  readonly state: string;
  readonly cause: string | null;
}

const POLL_MS = 100;
const YAML = { 'content-type': 'application/yaml' };

/** @throws Error where it is not taken */
export async function submitPlan(web: string, plan: string): Promise<string> {
  const response = await fetch(`http://${web}/v1/jobs`, {
    ...{ method: 'POST', body: plan, headers: YAML },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`a plan is not taken: ${text}`);
  return (JSON.parse(text) as WebJob).id;
}

/** The job when nothing more is done for it. */
export async function endOf(web: string, id: string): Promise<WebJob> {
  for (;;) {
    const response = await fetch(`http://${web}/v1/jobs/${id}`);
    const job = (await response.json()) as WebJob;
    if (['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
    await pause(POLL_MS);
  }
}

/** A number that a coordinator counts; 0 of what it has not met. */
export async function counted(web: string, name: string): Promise<number> {
  const response = await fetch(`http://${web}/metrics`);
  const lines = (await response.text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0);
}
