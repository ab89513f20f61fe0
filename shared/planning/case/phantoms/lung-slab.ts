import { phantomOf } from './phantom.js';
import { box, ellipsoid, without } from './shapes.js';

const LUNG_HU = -700;
const target = ellipsoid([20, 20, 20]);

/** A slab of lung between water, with a sphere of water in its middle as target. */
export const lungSlab = phantomOf(
  'lung-slab',
  'water-equivalent sphere in a lung slab (HU -700) of 100 mm between two water slabs',
  [150, 150, 100],
  [
    { name: 'Body', kind: 'external', shape: box([150, 150, 100]), hu: 0 },
    { name: 'Lung', kind: 'organ', shape: without(box([150, 50, 100]), target), hu: LUNG_HU },
    { name: 'Target', kind: 'target', shape: target },
  ],
);
