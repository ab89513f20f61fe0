/**
 * Numbers in [0, 1) for tests, from a linear congruence (Numerical Recipes): the same on every run.
 */
export function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
