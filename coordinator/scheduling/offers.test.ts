import { expect, it } from 'vitest';
import { LeaseTable } from './lease-table.js';
import { offers } from './offers.js';
import { lead, submit } from './toy-desk.js';

it('a tenant with many jobs gets no more workers than one with a single job', async () => {
  const desk = await lead();
  const { dispatcher, subject } = desk;
  for (let n = 0; n < 20; n++) await submit(desk, { jobHash: `job ${n}` }, `key ${n}`);
  const [{ job }] = dispatcher.book.all();
  const spec = { ...job.spec, jobHash: 'other' };
  const { job: only } = await dispatcher.submit({ tenant: 'u', key: '', subject, spec });
  const table = new LeaseTable();
  const leased: string[] = [];
  for (let n = 0; n < 4; n++) {
    table.join(`w${n}`, 'k1', 1, 0);
    const offered = offers(dispatcher.book, new Map(), table);
    leased.push(...table.assign(offered, 0).map(({ cell }) => cell.job));
  }
  expect(leased.filter((id) => id === only)).toHaveLength(2);
});
