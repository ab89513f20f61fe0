/** Grid: regular voxel grids; line integrals, sampling and convolution on them. */
export * from './bicubic.js';
export * from './convolution.js';
export * from './convolve-rows.js';
export * from './fft.js';
export * from './fft-2d.js';
export * from './grid.js';
export * from './image.js';
export * from './path-integral.js';
export * from './trilinear.js';
export * from './voxel-set.js';
