/** NIfTI: volumes as .nii.gz, written and read. */
export * from './read-nifti.js';
export * from './write-nifti.js';
