import { phantomOf } from './phantom.js';
import { cylinder } from './shapes.js';

const radiusMm = 20;
const halfLengthMm = 20;
const targetAt = (zMm: number) => cylinder([radiusMm, radiusMm, halfLengthMm], [0, 0, zMm]);

/**
 * Three cylinders of 40 mm diameter and length, one behind the other, after TG-119 (Ezzell et al.,
 * Med Phys 36:5359, 2009), where each has a prescription of its own.
 */
export const tg119MultiTarget = phantomOf(
  'tg119-multi-target',
  'three stacked cylindrical targets, after TG-119, in an elliptic water cylinder',
  [150, 105, 110],
  [
    { name: 'Body', kind: 'external', shape: cylinder([150, 105, 110]), hu: 0 },
    { name: 'Superior', kind: 'target', shape: targetAt(40) },
    { name: 'Center', kind: 'target', shape: targetAt(0) },
    { name: 'Inferior', kind: 'target', shape: targetAt(-40) },
  ],
);
