import { phantomOf } from './phantom.js';
import { cylinder, ellipsoid } from './shapes.js';

const BONE_HU = 300;

/**
 * A pelvis in the manner of TG-119's mock prostate, whose contours are not analytic: an ellipsoid
 * of 52 x 38 x 77 mm as target, a rectum a third of whose cross-section lies in it, a bladder on
 * its superior end; and femoral heads. Rectum and bladder overlap the target.
 */
export const tg119ProstateLike = phantomOf(
  'tg119-prostate-like',
  'ellipsoidal target with rectum, bladder and femoral heads, like the mock prostate of TG-119',
  [170, 115, 120],
  [
    { name: 'Body', kind: 'external', shape: cylinder([170, 115, 120]), hu: 0 },
    { name: 'PTV', kind: 'target', shape: ellipsoid([26, 19, 38.5]) },
    { name: 'Rectum', kind: 'organ', shape: cylinder([7.5, 7.5, 50], [0, 20.75, 0]) },
    { name: 'Bladder', kind: 'organ', shape: ellipsoid([25, 20, 25], [0, -10, 45]) },
    {
      name: 'Femur_Head_L',
      kind: 'organ',
      shape: ellipsoid([24, 24, 24], [90, 0, 0]),
      hu: BONE_HU,
    },
    {
      name: 'Femur_Head_R',
      kind: 'organ',
      shape: ellipsoid([24, 24, 24], [-90, 0, 0]),
      hu: BONE_HU,
    },
  ],
);
