export { convolveRows } from './convolve-rows';
export { pathIntegrals } from './path-integrals';
export { addRuns, addTable, columnValues, findRuns, quantise } from './projected-columns';
export {
  multiply,
  multiply4,
  multiplyTransposed,
  multiplyTransposed4,
  sumLanes,
} from './run-length';
