import { exp } from '@isola/kernels/elementary';

/**
 * The test that every change has to pass, with probability min(1, exp(-rise / kT)): Metropolis et
 * al., "Equation of state calculations by fast computing machines", J. Chem. Phys. 21 (1953).
 * @param rise of the cost
 * @param kT 0 or more; at 0 no rise passes
 * @param u a uniform draw in [0, 1)
 */
export function isAccepted(rise: number, kT: number, u: number): boolean {
  return rise <= 0 || u < exp(-rise / kT);
}
