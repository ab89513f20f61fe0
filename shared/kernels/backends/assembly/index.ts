export { addQuads, addScaled, linePrice, lineQuads, rowCost } from './column-moves';
export { convolveRows } from './convolve-rows';
export { pathIntegrals } from './path-integrals';
export { addRuns, addTable, columnValues, findRuns, quantise } from './projected-columns';
export {
  addColumn,
  multiply,
  multiply4,
  multiplyTransposed,
  multiplyTransposed4,
  sumLanes,
} from './run-length';
export { multiplySymmetric, packSymmetric, pickSymmetric } from './symmetric';
export { gramOfTiles } from './tile-gram';
export {
  costOfTiles,
  multiplySquaredTilesTransposed,
  multiplyTiles,
  multiplyTilesTransposed,
} from './tiles';
