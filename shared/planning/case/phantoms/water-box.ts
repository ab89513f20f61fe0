import { phantomOf } from './phantom.js';
import { box } from './shapes.js';

/** A water tank of 300 mm with a cube of 60 mm in its middle as target. */
export const waterBox = phantomOf(
  'water-box',
  'cubic target of 60 mm in a water cube of 300 mm',
  [150, 150, 150],
  [
    { name: 'Body', kind: 'external', shape: box([150, 150, 150]), hu: 0 },
    { name: 'Target', kind: 'target', shape: box([30, 30, 30]) },
  ],
);
