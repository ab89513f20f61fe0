import type { AngleLists, SearchSummary } from '@isola/planning/searches';
import { describe, expect, it } from 'vitest';
import { searchSection } from './beam-angle-search.js';
import { renderReport } from './page.js';
import { syntheticReport } from './synthetic-report.js';

const lists = (gantryDeg: readonly number[], couch = 0): AngleLists => ({
  gantryDeg,
  couchDeg: gantryDeg.map(() => couch),
  collimatorDeg: gantryDeg.map(() => 0),
});

const search: SearchSummary = {
  method: 'beam-angles',
  candidatesDeg: lists(Array.from({ length: 72 }, (_, i) => 5 * i)),
  sets: { optimised: 212, screened: 61 },
  best: { value: 41.52, anglesDeg: lists([20, 75, 150, 160, 280]) },
  trace: [52.1, 47.3, 44, 44, 42.9, 41.9, 41.52, 41.52],
};

const textOf = (each: SearchSummary) => searchSection(each).text;
const count = (text: string, what: RegExp) => text.match(what)?.length ?? 0;

describe('the section on a search for beam angles', () => {
  it('is on the page of a plan that has one, with a link, and of no other', () => {
    const report = syntheticReport(24);
    expect(renderReport(report)).not.toContain('id="search"');
    const page = renderReport({ ...report, search });
    expect(page).toContain('<section id="search"');
    expect(page).toContain('href="#search"');
  });

  it('says how many sets of how many candidates were judged, and how', () => {
    const text = textOf(search).replace(/<[^>]+>/g, '');
    expect(text).toMatch(/5 beams chosen of 72\s+candidates\. 273 sets/);
    expect(text).toMatch(/of\s+212 was optimised to the end, 61 were screened out/);
    expect(text).toContain('41.52');
  });

  it('draws a tick a candidate and a line a beam, gantry 90 at the right', () => {
    const text = textOf({ ...search, best: { value: 1, anglesDeg: lists([90]) } });
    expect(count(text, /class="candidate"/g)).toBe(72);
    expect(count(text, /class="chosen"/g)).toBe(1);
    const [, cx, cy] = /class="source" cx="([\d.]+)" cy="([\d.]+)"/.exec(text) ?? [];
    expect([Number(cx), Number(cy)]).toEqual([392, 154]);
  });

  it('draws couch 0 only, and lists all', () => {
    const turned = lists([30, 330], 45);
    const anglesDeg: AngleLists = {
      gantryDeg: [10, ...turned.gantryDeg],
      couchDeg: [0, ...turned.couchDeg],
      collimatorDeg: [0, 0, 0],
    };
    const text = textOf({ ...search, best: { value: 1, anglesDeg } });
    expect(count(text, /class="chosen"/g)).toBe(1);
    expect(text).toContain('Not shown: 2 beams at other couch angles');
    expect(count(text, /<td class="number">45<\/td>/g)).toBe(2);
    const elsewhere = textOf({
      ...search,
      candidatesDeg: turned,
      best: { value: 1, anglesDeg: turned },
    });
    expect(elsewhere).not.toContain('class="orbit"');
  });

  it.each([
    [[20, 75, 150, 160, 280]],
    [[0, 5, 10, 350, 355]],
    [Array.from({ length: 12 }, (_, i) => 5 * i)],
  ])('names every chosen angle once, apart from its neighbours: %j', (gantryDeg) => {
    const text = textOf({ ...search, best: { value: 1, anglesDeg: lists(gantryDeg) } });
    const places = [...text.matchAll(/class="angle" x="([\d.]+)" y="([\d.]+)"/g)].map(
      ([, x, y]) => [Number(x), Number(y)],
    );
    expect(places).toHaveLength(gantryDeg.length);
    places.forEach(([x, y], i) => {
      for (const [u, v] of places.slice(i + 1)) {
        expect(Math.hypot(x - u, y - v)).toBeGreaterThan(30);
      }
    });
  });

  it('does with one epoch', () => {
    expect(textOf({ ...search, trace: [3] })).toContain('less than two epochs');
  });
});
