/** A cube of water with a target beside an organ: what tests plan. */
import type { Grid } from '@isola/kernels/grid';
import { matradDefaultHuTable } from '../case/index.js';
import { machineByName } from '../machines/index.js';
import type { FluenceSpec } from './fluence-spec.js';

const SIZE = 24;
export const toyGrid: Grid = {
  size: [SIZE, SIZE, SIZE],
  spacingMm: [5, 5, 5],
  originMm: [-57.5, -57.5, -57.5],
};
const all = Uint32Array.from({ length: SIZE * SIZE * SIZE }, (_, v) => v);
const ball = (x: number, radius: number) =>
  all.filter((v) => {
    const at = [v % SIZE, Math.floor(v / SIZE) % SIZE, Math.floor(v / (SIZE * SIZE))];
    const [dx, dy, dz] = [at[0] - x, at[1] - 11.5, at[2] - 11.5];
    return dx * dx + dy * dy + dz * dz < radius * radius;
  });

/** Without beams. */
export const toyFluence: FluenceSpec = {
  patient: {
    ...{
      name: 'cube',
      grid: toyGrid,
      hu: new Int16Array(all.length),
      huTable: matradDefaultHuTable,
    },
    structures: [
      { name: 'Target', kind: 'target', voxels: ball(11.5, 4) },
      { name: 'Organ', kind: 'organ', voxels: ball(17.5, 2) },
      { name: 'Body', kind: 'external', voxels: all },
    ],
  },
  ...{ machine: machineByName('generic-6mv'), fractions: 25, angles: [] },
  prescription: { structure: 'Target', doseGy: 50 },
  ...{ isocenterMm: 'target-centroid', beamletMm: 10, doseGridMm: 'case' },
  shards: 1,
  objectives: [
    {
      structure: 'Target',
      weight: 100,
      objective: { type: 'squared-deviation', dosePerFractionGy: 2 },
    },
    {
      structure: 'Organ',
      weight: 50,
      objective: { type: 'squared-overdosing', dosePerFractionGy: 0.4 },
    },
    {
      structure: 'Body',
      weight: 5,
      objective: { type: 'squared-overdosing', dosePerFractionGy: 0.6 },
    },
  ],
  priorities: { Target: 1, Organ: 2, Body: 3 },
  ...{ method: 'lbfgsb', maxIterations: 200, tolerance: 1e-3, sampling: null, normalisation: null },
};
