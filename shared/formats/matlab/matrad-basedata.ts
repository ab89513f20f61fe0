/**
 * A matRad photon machine as JSON with the kernels beside it in a file of float64, little-endian:
 * index = (ssd * components + component) * positions + position.
 */
import { dirname, join } from 'node:path';
import { InputError } from '@isola/optimizers/problem';
import type { Machine } from '@isola/planning/machines';
import { z } from 'zod';
import { listFolder, readFloat64, readJson } from '../files/index.js';
import { MATRAD_GY_PER_MU, matradMachine } from './matrad-machine.js';

const numbers = z.array(z.number());
const schema = z.object({
  meta: z.object({ radiationMode: z.literal('photons'), SAD: z.number(), machine: z.string() }),
  m_per_mm: z.number(),
  betas_per_mm: numbers,
  penumbraFWHMatIso_mm: z.number(),
  kernelPos_mm: numbers,
  ssd_mm: numbers,
  kernelFile: z.string().regex(/^[^/\\]+$/, 'a file name without folders'),
});

/** Reads a machine given as JSON, or the one such file of a folder. */
export function readMatradBasedata(path: string, gyPerMu = MATRAD_GY_PER_MU): Machine {
  const file = path.endsWith('.json') ? path : machineFile(path);
  const data = readJson(file, schema);
  const positions = data.kernelPos_mm.length;
  const components = data.betas_per_mm.length;
  const values = readFloat64(
    join(dirname(file), data.kernelFile),
    data.ssd_mm.length * components * positions,
  );
  const tables = data.ssd_mm.map((_, ssd) =>
    data.betas_per_mm.map((_, component) => {
      const start = (ssd * components + component) * positions;
      return values.subarray(start, start + positions);
    }),
  );
  return matradMachine(
    {
      name: `matrad ${data.meta.machine}`,
      sadMm: data.meta.SAD,
      attenuationPerMm: data.m_per_mm,
      betasPerMm: data.betas_per_mm,
      penumbraFwhmMm: data.penumbraFWHMatIso_mm,
      kernelPositionsMm: data.kernelPos_mm,
      ssdMm: data.ssd_mm,
      tables,
    },
    file,
    gyPerMu,
  );
}

function machineFile(folder: string): string {
  const names = listFolder(folder).filter((name) => name.endsWith('.json'));
  if (names.length !== 1) {
    throw new InputError(folder, `holds ${names.length} .json files; one machine is needed`);
  }
  return join(folder, names[0]);
}
