/** Result: what a result folder holds that is read again; result.json and fluence.json. */
export { type Fluence, fluenceJson, readFluence } from './fluence.js';
export { type ResultJson, readResult } from './result.js';
