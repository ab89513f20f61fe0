import { describe, expect, it } from 'vitest';
import { CallBudget, type CallVerdict } from './call-budget.js';

const PER_SECOND = 10;
const budget = (open = 1_000) => new CallBudget({ perSecond: PER_SECOND, open });
const waitOf = (verdict: CallVerdict) =>
  verdict.type === 'admitted' ? verdict.waitMs : Number.POSITIVE_INFINITY;

describe('the calls of a tenant', () => {
  it('are admitted at once up to a burst, then one by one in their turn, then refused', () => {
    const calls = budget();
    const waits = Array.from({ length: 40 }, () => waitOf(calls.enter('a', 0)));
    const burst = 2 * PER_SECOND;
    expect(waits.slice(0, burst)).toEqual(Array.from({ length: burst }, () => 0));
    const turns = waits.slice(burst, burst + PER_SECOND);
    expect(turns).toEqual(Array.from({ length: PER_SECOND }, (_, n) => 100 * (n + 1)));
    expect(waits.slice(burst + PER_SECOND).every((wait) => wait === Infinity)).toBe(true);
  });

  it('are never more in a time than its rate and a burst, however they come', () => {
    const calls = budget();
    let admitted = 0;
    for (let ms = 0; ms < 60_000; ms++) {
      if (calls.enter('a', ms).type === 'admitted') admitted++;
    }
    expect(admitted).toBeLessThanOrEqual(PER_SECOND * (60 + 2 + 1));
    expect(admitted).toBeGreaterThanOrEqual(PER_SECOND * 60);
  });

  it('are no matter of another tenant', () => {
    const calls = budget(100);
    for (let n = 0; n < 10_000; n++) calls.enter('a', 0);
    expect(calls.enter('b', 0)).toEqual({ type: 'admitted', waitMs: 0 });
  });

  it('are open only so many at a time', () => {
    const calls = budget(2);
    expect(waitOf(calls.enter('a', 0))).toBe(0);
    expect(waitOf(calls.enter('a', 0))).toBe(0);
    expect(calls.enter('a', 0).type).toBe('refused');
    calls.leave('a', 0);
    expect(waitOf(calls.enter('a', 0))).toBe(0);
  });
});

describe('a refusal', () => {
  it('comes late, so that who asks again at once is slow, unless many are held', () => {
    const calls = budget(0);
    const holds = Array.from({ length: 1_500 }, () => calls.enter('a', 0)).map((refused) =>
      refused.type === 'refused' ? refused.holdMs : -1,
    );
    expect(holds.slice(0, 1_000).every((hold) => hold === 3_000)).toBe(true);
    expect(holds.slice(1_000).every((hold) => hold === 0)).toBe(true);
    calls.told('a', 0);
    expect(calls.enter('a', 0)).toMatchObject({ holdMs: 3_000 });
  });

  it('says when there will be room again', () => {
    const calls = budget();
    for (let n = 0; n < 30; n++) calls.enter('a', 0);
    const refused = calls.enter('a', 0);
    if (refused.type !== 'refused') expect.unreachable();
    else expect(waitOf(calls.enter('a', refused.retryMs))).toBeLessThanOrEqual(1_000);
  });
});

it('a tenant that has ended its calls and was quiet takes no memory', () => {
  const calls = budget();
  calls.enter('a', 0);
  calls.leave('a', 1_000);
  expect(calls.size).toBe(0);
});
