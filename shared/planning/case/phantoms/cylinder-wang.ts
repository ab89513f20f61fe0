import { phantomOf } from './phantom.js';
import { cylinder } from './shapes.js';

/**
 * A cylinder phantom in the manner of the digital phantom of Wang, Huang & Bao, Journal of Software
 * 20:1116-1122 (2009), whose geometry is not published. Known of theirs: 5 fields of 5 x 5 mm
 * beamlets, 505 variables, 4 constraints. Here a target 50 mm wide and long gives about 100
 * beamlets a field; it and three organs, 10 mm away, are the four.
 */
export const cylinderWang = phantomOf(
  'cylinder-wang',
  'cylindrical target between three organs in a water cylinder, after Wang et al. 2009',
  [100, 100, 80],
  [
    { name: 'Body', kind: 'external', shape: cylinder([100, 100, 80]), hu: 0 },
    { name: 'PTV', kind: 'target', shape: cylinder([25, 25, 25]) },
    { name: 'Organ_Posterior', kind: 'organ', shape: cylinder([15, 15, 25], [0, 50, 0]) },
    { name: 'Organ_L', kind: 'organ', shape: cylinder([15, 15, 25], [43, -25, 0]) },
    { name: 'Organ_R', kind: 'organ', shape: cylinder([15, 15, 25], [-43, -25, 0]) },
  ],
);
