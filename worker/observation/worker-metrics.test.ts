import { expect, it } from 'vitest';
import type { CellOutcome } from '../session/index.js';
import { WorkerMetrics } from './worker-metrics.js';

const cell = { jobId: '0'.repeat(32), island: 1, epoch: 2, input: 'a'.repeat(64) };

it('counts what a worker does, without naming a job', async () => {
  const metrics = new WorkerMetrics({ version: '0.0.0', kernelVersion: 'none' });
  const ended = (outcome: CellOutcome, ms: number, evaluations = 0) =>
    metrics.note({ type: 'cell-ended', cell, outcome, ms, evaluations });
  metrics.note({ type: 'attached' });
  metrics.note({ type: 'blob', direction: 'in', bytes: 500 });
  ended('done', 2000, 30);
  ended('done', 100, 20);
  ended('revoked', 5000);
  ended('blob-lost', 0);
  const text = await metrics.text();
  for (const line of [
    'isola_worker_attached 1',
    'isola_worker_blob_bytes_total{direction="in"} 500',
    'isola_worker_cells_total{outcome="done"} 2',
    'isola_worker_cells_total{outcome="revoked"} 1',
    'isola_worker_cells_total{outcome="blob-lost"} 1',
    'isola_worker_evaluations_total 50',
    'isola_worker_cell_duration_seconds_count 2',
    'isola_worker_cell_duration_seconds_sum 2.1',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).not.toContain(cell.jobId);
  metrics.note({ type: 'coordinator-lost' });
  expect(await metrics.text()).toContain('isola_worker_attached 0\n');
});
