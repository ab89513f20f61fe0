import { describe, expect, it } from 'vitest';
import { Chance, Process, Timeline } from './index.js';

describe('virtual time', () => {
  it('brings things by their times, and those of one time as they were asked for', async () => {
    const timeline = new Timeline();
    const chance = new Chance(3, 'times');
    const seen: number[] = [];
    const times = Array.from({ length: 500 }, () => chance.between(0, 40));
    for (const [i, ms] of times.entries()) timeline.after(ms, () => seen.push(ms * 1000 + i));
    while (await timeline.step());
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen).toHaveLength(500);
    expect(timeline.nowMs).toBe(Math.max(...times));
  });

  it('waits for all promises between two of its entries', async () => {
    const timeline = new Timeline();
    const seen: string[] = [];
    timeline.after(1, () => {
      void (async () => {
        for (let n = 0; n < 50; n++) await Promise.resolve();
        seen.push('promises');
      })();
    });
    timeline.after(1, () => seen.push('next'));
    while (await timeline.step());
    expect(seen).toEqual(['promises', 'next']);
  });
});

describe('a process', () => {
  const born = (timeline: Timeline, clockRate = 1) =>
    new Process(timeline, { name: 'p', host: 'h', clockRate, clockMs: 100 });

  it('never sees what comes after it was killed', async () => {
    const timeline = new Timeline();
    const process = born(timeline);
    const seen: string[] = [];
    process.after(1, () => seen.push('before'));
    process.after(3, () => seen.push('after'));
    timeline.after(2, () => process.kill());
    while (await timeline.step());
    expect(seen).toEqual(['before']);
  });

  it('sees what came while it was frozen once it is not', async () => {
    const timeline = new Timeline();
    const process = born(timeline);
    const seen: number[] = [];
    for (const ms of [1, 5, 6, 20]) process.after(ms, () => seen.push(timeline.nowMs));
    timeline.after(2, () => process.freeze(10));
    while (await timeline.step());
    expect(seen).toEqual([1, 12, 12, 20]);
  });

  it('has a clock that runs at its own rate and never goes back', async () => {
    const timeline = new Timeline();
    const process = born(timeline, 2);
    process.sleep(10, () => {});
    await timeline.step();
    expect(timeline.nowMs).toBe(5);
    expect(process.clockMs()).toBe(110);
  });
});
