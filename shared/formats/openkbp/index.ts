/** OpenKBP: a patient folder of the OpenKBP challenge as a Case. */
export * from './external-contour.js';
export * from './read-openkbp.js';
