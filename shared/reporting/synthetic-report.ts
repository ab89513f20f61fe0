/**
 * A small report to test and look at: a spherical target and a cylindrical core in an elliptical
 * cylinder of water, irradiated by an analytic dose on a shifted, coarser grid.
 */
import type { Grid, Vec3 } from '@isola/kernels/grid';
import type { ReportBeam, ReportDvh, ReportInput, ReportStructure } from './report-input.js';

const centreMm: Vec3 = [10, -20, 30];

/** A report's input on a CT of `side` voxels along each axis. */
export function syntheticReport(side: number): ReportInput {
  const grid = centredGrid([side, side, side], [384 / side, 300 / side, 300 / side]);
  const doseGrid = centredGrid(
    [Math.round(side * 0.8), Math.round(side * 0.8), Math.round(side * 0.8)],
    [400 / side, 350 / side, 340 / side],
  );
  const structures = [
    structure('Target', 'target', grid, (p) => distance(p, centreMm) < 38),
    structure(
      'Core',
      'organ',
      grid,
      (p) => Math.hypot(p[0] + 45, p[1] - 5) < 16 && Math.abs(p[2]) < 70,
    ),
    structure('Lung left', 'organ', grid, (p) => isLung(p)),
    structure('Body', 'external', grid, (p) => isBody(p)),
  ];
  const doseGy = Float32Array.from(positions(doseGrid), doseAt);
  const tables = doseTables(structures, grid);
  return {
    title: 'Synthetic sphere, seven beams',
    caseName: 'sphere in a cylinder',
    machineName: 'generic-6mv',
    prescription: { structure: 'Target', doseGy: 50 },
    fractions: 25,
    notes: ['Ideal fluence, not yet deliverable.'],
    grid,
    hu: Int16Array.from(positions(grid), huAt),
    doseGrid,
    doseGy,
    structures,
    ...tables,
    goals: goals(tables),
    beams: [0, 51, 102, 153, 204, 255, 306].map(beam),
    convergence: Array.from({ length: 120 }, (_, i) => ({
      iteration: i,
      value: 4 + 9000 * Math.exp(-i / 9) + 30 * Math.exp(-i / 40),
    })),
    optimiser: {
      status: 'converged',
      advice: 'The objective no longer falls; nothing needs to be done.',
      iterations: 120,
      objective: 4.31,
      terms: [
        { structure: 'Target', type: 'squared-deviation', weight: 1000, value: 2.91 },
        { structure: 'Core', type: 'squared-overdosing', weight: 300, value: 1.2 },
        { structure: 'Body', type: 'mean-dose', weight: 1, value: 0.2 },
      ],
    },
    isocentreMm: centreMm,
    reproducibility: {
      planHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      seed: 1,
      versions: { isola: '0.1.0', kernels: 'wasm 1', node: '20.20.2' },
    },
    timings: [
      { phase: 'Dose influence', seconds: 8.2 },
      { phase: 'Optimisation', seconds: 3.1 },
      { phase: 'Final dose', seconds: 1.4 },
    ],
    indices: [
      { name: 'Conformity (Paddick)', formula: 'TV_PIV^2 / (TV PIV)', value: 0.8312 },
      { name: 'Homogeneity (ICRU 83)', formula: '(D2% - D98%) / D50%', value: 0.0931 },
    ],
  };
}

function goals({ metrics, dvhs }: Pick<ReportInput, 'metrics' | 'dvhs'>): ReportInput['goals'] {
  const [target, , lung] = metrics;
  const coreV8 = dvhs[1].volumePercent[160];
  return [
    goal('Target D95% >= 47.5 Gy', target.d95Gy, 'Gy', 47.5),
    goal('Target D2% <= 53.5 Gy', target.d2Gy, 'Gy', 53.5),
    goal('Core V8Gy < 30%', coreV8, '%', 30),
    goal('Lung left Dmean < 12 Gy', lung.meanGy, 'Gy', 12),
    goal('Heart Dmean < 5 Gy', null, 'Gy', 5),
  ];
}

function goal(text: string, value: number | null, unit: string, limit: number) {
  const met = value !== null && (text.includes('>') ? value >= limit : value <= limit);
  return { text, value, unit, limit, met };
}

function centredGrid(size: Vec3, spacingMm: Vec3): Grid {
  const origin = (axis: 0 | 1 | 2) => (-(size[axis] - 1) / 2) * spacingMm[axis];
  return { size, spacingMm, originMm: [origin(0), origin(1), origin(2)] };
}

function* positions(grid: Grid): Generator<Vec3> {
  for (let z = 0; z < grid.size[2]; z++) {
    for (let y = 0; y < grid.size[1]; y++) {
      for (let x = 0; x < grid.size[0]; x++) {
        yield [
          grid.originMm[0] + x * grid.spacingMm[0],
          grid.originMm[1] + y * grid.spacingMm[1],
          grid.originMm[2] + z * grid.spacingMm[2],
        ];
      }
    }
  }
}

function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function isBody([x, y]: Vec3): boolean {
  return (x / 165) ** 2 + (y / 115) ** 2 < 1;
}

function isLung([x, y, z]: Vec3): boolean {
  return ((x - 95) / 42) ** 2 + ((y + 5) / 65) ** 2 + ((z - 20) / 90) ** 2 < 1;
}

function huAt(p: Vec3): number {
  if (!isBody(p)) return -1000;
  if (isLung(p)) return -750;
  if (Math.hypot(p[0], p[1] - 75) < 18) return 480;
  return distance(p, centreMm) < 38 ? 55 : 10;
}

/** Flat in the target, falling off around it, with seven spokes outside. */
function doseAt(p: Vec3): number {
  if (!isBody(p)) return 0;
  const r = distance(p, centreMm);
  const inside = 1 / (1 + Math.exp((r - 48) / 3));
  const angle = Math.atan2(p[1] - centreMm[1], p[0] - centreMm[0]);
  const slab = Math.exp(-(((p[2] - centreMm[2]) / 42) ** 4));
  const spokes = 22 * slab * (0.55 + 0.45 * Math.cos(7 * angle)) * Math.exp(-r / 160);
  return inside * (50.6 + 0.03 * p[0] + 0.8 * Math.sin(p[1] / 11)) + (1 - inside) * spokes;
}

function structure(
  name: string,
  kind: ReportStructure['kind'],
  grid: Grid,
  inside: (p: Vec3) => boolean,
): ReportStructure {
  const voxels: number[] = [];
  let i = 0;
  for (const p of positions(grid)) {
    if (inside(p)) voxels.push(i);
    i++;
  }
  return { name, kind, voxels: Uint32Array.from(voxels) };
}

function doseTables(
  structures: readonly ReportStructure[],
  grid: Grid,
): Pick<ReportInput, 'dvhs' | 'metrics'> {
  const doseOfVoxel = Float32Array.from(positions(grid), doseAt);
  const voxelCc = (grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2]) / 1000;
  const sorted = structures.map((each) =>
    Float64Array.from(each.voxels, (v) => doseOfVoxel[v]).sort(),
  );
  const metrics = structures.map(({ name }, i) => {
    const doses = sorted[i];
    const at = (percent: number) => doses[Math.floor((1 - percent / 100) * (doses.length - 1))];
    return {
      structure: name,
      volumeCc: doses.length * voxelCc,
      meanGy: doses.reduce((sum, dose) => sum + dose, 0) / doses.length,
      maxGy: at(0),
      minGy: at(100),
      d95Gy: at(95),
      d2Gy: at(2),
      d50Gy: at(50),
      d98Gy: at(98),
    };
  });
  const dvhs = structures.map(({ name }, i): ReportDvh => histogram(name, sorted[i]));
  return { dvhs, metrics };
}

function histogram(structure: string, ascending: Float64Array): ReportDvh {
  const doseGy = Float64Array.from({ length: 1201 }, (_, i) => i * 0.05);
  const volumePercent = doseGy.map((dose) => {
    const below = ascending.findIndex((each) => each >= dose);
    return below < 0 ? 0 : (100 * (ascending.length - below)) / ascending.length;
  });
  return { structure, doseGy, volumePercent };
}

function beam(gantryDeg: number): ReportBeam {
  const places: [number, number][] = [];
  for (let z = -40; z <= 40; z += 5) {
    for (let x = -40; x <= 40; x += 5) if (Math.hypot(x, z) <= 42) places.push([x, z]);
  }
  return {
    gantryDeg,
    couchDeg: 0,
    monitorUnits: 80 + gantryDeg / 7,
    beamletMm: 5,
    xMm: Float64Array.from(places, ([x]) => x),
    zMm: Float64Array.from(places, ([, z]) => z),
    weights: Float64Array.from(
      places,
      ([x, z]) => 1 + 0.6 * Math.sin(x / 9 + gantryDeg) + 0.3 * Math.cos((x + z) / 11),
    ),
    complexity: 0.34,
  };
}
