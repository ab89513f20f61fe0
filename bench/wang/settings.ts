/** Settings of Wang, Huang & Bao (2009), and what stands for those that they do not give. */

/** Published: 100 individuals; not how many subpopulations. 4 of 2 N + 1 make 100 with N = 12. */
export const [ISLANDS, PAIRS] = [4, 12];
/** Published: p_m. */
export const MUTATION = 0.01;
/** Published: T at the start, in units of F. k is not; 1 here. */
export const TEMPERATURE = 0.025;
/** Published: b, once an epoch. */
export const COOLING = 0.99;
/** S, generations between two coolings. Not published. */
export const EPOCH_GENERATIONS = 10;
/** The largest weight of a beamlet, in parts of the uniform one. Not published. */
export const LARGEST_WEIGHT = 4;
