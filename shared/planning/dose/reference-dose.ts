import type { Machine } from '../machines/index.js';
import { depthFactors } from './depth-functions.js';
import { lateralTable, TABLE_COMPONENTS } from './lateral-tables.js';

/**
 * Monitor units of a beamlet with weight 1: the dose that unit fluence over the reference field
 * gives at the reference point, divided by the machine's Gy for one MU there.
 */
export function monitorUnitsPerWeight(machine: Machine): number {
  const { fieldMm, ssdMm, depthMm, gyPerMu } = machine.reference;
  const { n, values } = lateralTable({
    kernels: machine.kernels(ssdMm),
    beamletMm: fieldMm,
    penumbraFwhmMm: machine.penumbraFwhmMm,
    reachMm: 0,
    shiftedOpening: false,
  });
  const distanceMm = ssdMm + depthMm;
  const inverseSquare = (machine.sadMm * machine.sadMm) / (distanceMm * distanceMm);
  const factors = new Float32Array(TABLE_COMPONENTS);
  depthFactors(machine, depthMm, inverseSquare, factors, 0);
  const centre = TABLE_COMPONENTS * ((n * n - 1) / 2);
  let doseGy = 0;
  for (let k = 0; k < TABLE_COMPONENTS; k++) doseGy += factors[k] * values[centre + k];
  return doseGy / gyPerMu;
}
