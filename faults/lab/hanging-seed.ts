/** A plan with this seed is computed by no worker that hangs. */
export const HANGING_SEED = 1_616_161;
