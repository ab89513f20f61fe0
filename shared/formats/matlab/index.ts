/** MATLAB: .mat files of version 5 to 7, and the matRad cases and machines in them. */
export * from './mat-access.js';
export * from './mat-value.js';
export * from './matrad-basedata.js';
export * from './matrad-case.js';
export * from './matrad-machine.js';
export * from './read-mat.js';
