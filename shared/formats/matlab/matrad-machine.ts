/**
 * A matRad photon machine as a Machine. matRad tabulates lateral kernels in steps of 0.5 mm, for
 * source-surface distances of 500 to 1000 mm, already multiplied by the area of a 0.5 x 0.5 mm
 * pixel, and takes those of the nearest distance.
 */
import { basename } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import type { LateralKernels, Machine } from '@isola/planning/machines';
import { disk } from '../files/index.js';
import {
  fieldAt,
  type MatAt,
  numberAt,
  numbersAt,
  optionalFieldAt,
  textAt,
  variableAt,
} from './mat-access.js';
import type { MatValue } from './mat-value.js';
import { readMatFile } from './read-mat.js';

/**
 * Calibration assumed for matRad machines, which state none: 1 cGy for one MU in the reference
 * condition.
 */
export const MATRAD_GY_PER_MU = 0.01;

const MAX_COMPONENTS = 4;

/** What a matRad machine file says, in plain numbers. */
export interface MatradMachineData {
  readonly name: string;
  readonly sadMm: number;
  readonly attenuationPerMm: number;
  readonly betasPerMm: readonly number[];
  readonly penumbraFwhmMm: number;
  readonly kernelPositionsMm: ArrayLike<number>;
  /** Ascending. */
  readonly ssdMm: ArrayLike<number>;
  /** One table a component for each SSD. */
  readonly tables: readonly (readonly Float64Array[])[];
}

/** Reads a matRad photon machine file, for example `photons_Generic.mat`. */
export function readMatradMachine(path: string, files = disk): Machine {
  return matradMachine(machineData(readMatFile(path, files), path), path);
}

/** The machine of checked data; `place` names them in errors. */
export function matradMachine(
  data: MatradMachineData,
  place: string,
  gyPerMu = MATRAD_GY_PER_MU,
): Machine {
  checkNumbers(data, place, gyPerMu);
  const stepMm = uniformStep(data.kernelPositionsMm, place);
  const kernels = data.tables.map((tables, k): LateralKernels => {
    const bad = tables.find(
      (t) => t.length !== data.kernelPositionsMm.length || !t.every(Number.isFinite),
    );
    if (bad !== undefined) {
      const needed = data.kernelPositionsMm.length;
      const problem = `a kernel of ${bad.length} numbers; ${needed} finite ones are needed`;
      throw new InputError(`${place}: kernel(${k + 1})`, problem);
    }
    return { stepMm, tables };
  });
  const { name, sadMm, attenuationPerMm, betasPerMm, penumbraFwhmMm, ssdMm } = data;
  return {
    name,
    sadMm,
    attenuationPerMm,
    betasPerMm,
    penumbraFwhmMm,
    kernels: (distanceMm) => kernels[nearest(ssdMm, distanceMm)],
    reference: { fieldMm: 100, ssdMm: 900, depthMm: 100, gyPerMu },
  };
}

function machineData(variables: ReadonlyMap<string, MatValue>, file: string): MatradMachineData {
  const machine = variableAt(variables, 'machine', file);
  const meta = fieldAt(machine, 'meta');
  const data = fieldAt(machine, 'data');
  const mode = textAt(fieldAt(meta, 'radiationMode'));
  if (mode !== 'photons') throw new InputError(meta.place, `radiationMode ${mode}; photons`);
  const kernel = fieldAt(data, 'kernel');
  const betasPerMm = Array.from(numbersAt(fieldAt(data, 'betas')));
  const count = kernel.value.kind === 'struct' ? (kernel.value.fields.get('SSD')?.length ?? 0) : 0;
  const entries = Array.from({ length: count }, (_, k) => k);
  return {
    name: machineName(meta, file),
    sadMm: numberAt(fieldAt(meta, 'SAD')),
    attenuationPerMm: numberAt(fieldAt(data, 'm')),
    betasPerMm,
    penumbraFwhmMm: numberAt(fieldAt(data, 'penumbraFWHMatIso')),
    kernelPositionsMm: numbersAt(fieldAt(data, 'kernelPos')),
    ssdMm: entries.map((k) => numberAt(fieldAt(kernel, 'SSD', k))),
    tables: entries.map((k) =>
      betasPerMm.map((_, i) => Float64Array.from(numbersAt(fieldAt(kernel, `kernel${i + 1}`, k)))),
    ),
  };
}

function machineName(meta: MatAt, file: string): string {
  const name = optionalFieldAt(meta, 'machine');
  return `matrad ${name === undefined ? basename(file) : textAt(name)}`;
}

function checkNumbers(data: MatradMachineData, place: string, gyPerMu: number): void {
  const positive = {
    SAD: data.sadMm,
    m: data.attenuationPerMm,
    penumbraFWHMatIso: data.penumbraFwhmMm,
    gyPerMu,
  };
  for (const [name, value] of Object.entries(positive)) {
    if (!(value > 0 && value < 1e6)) throw new InputError(place, `${name} is ${value}; above 0`);
  }
  const { betasPerMm: betas, ssdMm: distances } = data;
  const distinct = betas.every((beta) => beta > 0 && beta !== data.attenuationPerMm);
  if (betas.length < 1 || betas.length > MAX_COMPONENTS || !distinct) {
    const problem = `betas [${betas}]; 1 to ${MAX_COMPONENTS} numbers above 0 other than m`;
    throw new InputError(place, problem);
  }
  if (distances.length === 0) throw new InputError(place, 'has no kernel; one SSD at least');
  for (let k = 0; k < distances.length; k++) {
    if (!(distances[k] > 0) || (k > 0 && distances[k] <= distances[k - 1])) {
      throw new InputError(`${place}: kernel(${k + 1}).SSD`, `${distances[k]}; above 0, ascending`);
    }
  }
}

function uniformStep(positions: ArrayLike<number>, place: string): number {
  const step = positions[1];
  if (!(step > 0)) throw new InputError(place, `kernelPos has the step ${step}; above 0`);
  for (let k = 0; k < positions.length; k++) {
    if (!(Math.abs(positions[k] - k * step) <= 1e-9 * step * positions.length)) {
      const problem = `kernelPos(${k + 1}) is ${positions[k]}; equal steps from 0 give ${k * step}`;
      throw new InputError(place, problem);
    }
  }
  return step;
}

/** Index of the nearest of ascending numbers; of two as near the lower, as matRad's `min` takes. */
function nearest(ascending: ArrayLike<number>, value: number): number {
  let best = 0;
  for (let k = 1; k < ascending.length; k++) {
    if (Math.abs(ascending[k] - value) < Math.abs(ascending[best] - value)) best = k;
  }
  return best;
}
