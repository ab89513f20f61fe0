import { describe, expect, it } from 'vitest';
import { Convergence } from './convergence.js';
import { progressText } from './progress.js';

const state = { phase: 'optimisation', part: 0.25, detail: 'cost 1.2345' };

describe('progressText', () => {
  it('tells phase, part, time left and what else there is', () => {
    const text = progressText({ ...state, elapsedMs: 10_000, sinceMs: 0 });
    expect(text).toBe('optimisation     █████░░░░░░░░░░░░░░░  25 %  30 s left    cost 1.2345');
  });

  it('counts down while nothing is heard', () => {
    // A quarter took 10 s, so all takes 40 s, of which 15 s have gone by.
    const text = progressText({ ...state, elapsedMs: 15_000, sinceMs: 5000 });
    expect(text).toContain(' 25 s left ');
  });

  it('keeps every column where it is', () => {
    const columns = [0, 0.04, 0.5, 0.999, 1].flatMap((part) =>
      [0, 5e3, 5e5, 5e7, 5e9].map((elapsedMs) =>
        progressText({ ...state, part, elapsedMs, sinceMs: 0 }).indexOf('cost'),
      ),
    );
    expect(new Set(columns).size).toBe(1);
  });

  it('fits a terminal of 80 columns with a cost of any size', () => {
    const longest = { phase: 'dose influence', part: 1, detail: 'cost -1.2346e-300' };
    expect(progressText({ ...longest, elapsedMs: 5e9, sinceMs: 0 }).length).toBeLessThan(77);
  });
});

describe('Convergence', () => {
  it('never falls, and ends at 1 for costs that fall ever less', () => {
    const convergence = new Convergence(1e-3, 10_000);
    let before = 0;
    for (let i = 0; i < 200; i++) {
      const part = convergence.part(i, 1 + 0.9 ** i + (i % 3) * 1e-4);
      expect(part).toBeGreaterThanOrEqual(before);
      expect(part).toBeLessThanOrEqual(1);
      before = part;
    }
    expect(before).toBe(1);
  });

  it('goes by the iterations where the cost falls evenly', () => {
    const convergence = new Convergence(1e-3, 40);
    const parts = Array.from({ length: 41 }, (_, i) => convergence.part(i, 2 ** -i));
    expect(parts.map((part, i) => part - i / 40).every((gap) => Math.abs(gap) < 1e-12)).toBe(true);
  });
});
