import type { Vec3 } from '@isola/kernels/grid';
import { phantomOf } from './phantom.js';
import { cylinder, ellipsoid, type Shape, without } from './shapes.js';

const CORD_Y_MM = 35;
const CORD_RADIUS_MM = 6;
/** Between cord and target. */
const CORD_GAP_MM = 15;
const POSTERIOR_END_MM = 45;

const sparedRadiusMm = CORD_RADIUS_MM + CORD_GAP_MM;
const sparedAroundCord = cylinder([sparedRadiusMm, sparedRadiusMm, 110], [0, CORD_Y_MM, 0]);
const posterior: Shape = (_x, y) => y > POSTERIOR_END_MM;

const parotidSemiMm: Vec3 = [13, 18, 22];
const parotidLeft = ellipsoid(parotidSemiMm, [52, 0, 40]);
const parotidRight = ellipsoid(parotidSemiMm, [-52, 0, 40]);

/**
 * A neck in the manner of TG-119's mock head and neck, whose contours are not analytic: a target
 * that fills the neck in front of the cord and beside it, 15 mm from the cord, with the parotids at
 * its superior end.
 */
export const tg119HeadAndNeckLike = phantomOf(
  'tg119-head-and-neck-like',
  'target around the cord with both parotids, like the mock head and neck of TG-119',
  [75, 90, 110],
  [
    { name: 'Body', kind: 'external', shape: cylinder([75, 90, 110]), hu: 0 },
    {
      name: 'PTV',
      kind: 'target',
      shape: without(
        cylinder([55, 65, 60]),
        sparedAroundCord,
        posterior,
        parotidLeft,
        parotidRight,
      ),
    },
    {
      name: 'SpinalCord',
      kind: 'organ',
      shape: cylinder([CORD_RADIUS_MM, CORD_RADIUS_MM, 100], [0, CORD_Y_MM, 0]),
    },
    { name: 'Parotid_L', kind: 'organ', shape: parotidLeft },
    { name: 'Parotid_R', kind: 'organ', shape: parotidRight },
  ],
);
