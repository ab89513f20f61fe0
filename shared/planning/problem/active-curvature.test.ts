import { expect, it } from 'vitest';
import { activeCurvature } from './active-curvature.js';

const column = (...values: number[]) => Float32Array.from(values);

it('rows curve the cost where a penalty acts on them, and a little elsewhere', () => {
  const layers = [
    { low: column(1, 1, 1), high: column(2, 2, 2), weight: column(3, 3, 0) },
    { low: column(-Infinity, 0, 0), high: column(0.2, 4, 0), weight: column(1, 0, 1) },
  ];
  const [both, between, above] = activeCurvature(layers, column(0.5, 1.5, 9));
  expect(both).toBe(2 * (3 + 1));
  expect(between).toBeGreaterThan(0);
  expect(between).toBeLessThan(3);
  expect(above).toBe(2);
});

it('rows count the more the further they are beyond a limit, half at the limit itself', () => {
  const doses = [0, 18, 19.5, 20, 20.5, 22, 60];
  const rows = (value: number) => column(...doses.map(() => value));
  const above = { low: rows(-Infinity), high: rows(20), weight: rows(1) };
  const curvature = activeCurvature([above], column(...doses));
  expect(curvature.toSorted()).toEqual(curvature);
  expect(curvature[3]).toBe(1);
  expect(curvature[6]).toBe(2);
  const below = { low: rows(20), high: rows(Infinity), weight: rows(1) };
  const mirrored = activeCurvature([below], column(...doses.map((dose) => 40 - dose)));
  expect(mirrored).toEqual(curvature);
});

it('any dose is beyond an upper limit of 0, none at all too, and none below a lower one', () => {
  const above = { low: column(-Infinity, -Infinity), high: column(0, 0), weight: column(1, 1) };
  expect(activeCurvature([above], column(0, 5))).toEqual(column(2, 2));
  const below = { low: column(0), high: column(Infinity), weight: column(1) };
  expect(activeCurvature([below], column(5))[0]).toBeLessThan(1);
});

it('a penalty on both sides of one dose curves the cost everywhere alike', () => {
  const one = { low: column(60, 60, 60), high: column(60, 60, 60), weight: column(3, 3, 3) };
  expect(activeCurvature([one], column(0, 60, 61))).toEqual(column(6, 6, 6));
});

it('the limit counts that the dose is beyond, or nearer to', () => {
  const within = { low: column(18, 18), high: column(60, 60), weight: column(1, 1) };
  const lower = { low: column(18, 18), high: column(Infinity, Infinity), weight: column(1, 1) };
  const dose = column(17.5, 18.5);
  expect(activeCurvature([within], dose)).toEqual(activeCurvature([lower], dose));
});
