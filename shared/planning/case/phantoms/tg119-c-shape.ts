import { cosDeg } from '@isola/kernels/elementary';
import { phantomOf } from './phantom.js';
import { cylinder, type Shape, without } from './shapes.js';

const HALF_LENGTH_MM = 40;
/** The C is open to posterior over twice this angle. */
const HALF_GAP_DEG = 50;

const cosHalfGap = cosDeg(HALF_GAP_DEG);
const gap: Shape = (x, y) => y > cosHalfGap * Math.sqrt(x * x + y * y);

const core = cylinder([10, 10, HALF_LENGTH_MM]);
const target = without(cylinder([37, 37, HALF_LENGTH_MM]), cylinder([15, 15, HALF_LENGTH_MM]), gap);

/**
 * The C-shaped target around a core of TG-119 (Ezzell et al., Med Phys 36:5359, 2009): radii 15 to
 * 37 mm about a core of radius 10 mm, 80 mm long. The gap and the elliptic body of water, 300 x 210
 * x 150 mm, are ours.
 */
export const tg119CShape = phantomOf(
  'tg119-c-shape',
  'C-shaped target around a core, after TG-119, in an elliptic water cylinder',
  [150, 105, 75],
  [
    { name: 'Body', kind: 'external', shape: cylinder([150, 105, 75]), hu: 0 },
    { name: 'Target', kind: 'target', shape: target },
    { name: 'Core', kind: 'organ', shape: core },
  ],
);
