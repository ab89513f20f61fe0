import type { Problem } from '../problem/index.js';

/** The same problem, with a count of the costs computed; a candidate of a batch counts as one. */
export function countedProblem<P extends Problem>(problem: P): { problem: P; count(): number } {
  let evaluations = 0;
  const { size, lower, upper, coarse, coordinateMoves } = problem;
  const valueAndGradient = problem.valueAndGradient?.bind(problem);
  const batchValue = problem.batchValue?.bind(problem);
  const counted: Problem = {
    ...{ size, lower, upper },
    ...(coarse && { coarse }),
    value(x) {
      evaluations++;
      return problem.value(x);
    },
    ...(valueAndGradient && {
      valueAndGradient(x: Float64Array, gradient: Float64Array) {
        evaluations++;
        return valueAndGradient(x, gradient);
      },
    }),
    ...(batchValue && {
      batchValue(candidates: readonly Float64Array[], out: Float64Array) {
        evaluations += candidates.length;
        return batchValue(candidates, out);
      },
    }),
    ...(coordinateMoves && {
      coordinateMoves: {
        imageSize: coordinateMoves.imageSize,
        images(candidates, images, values) {
          evaluations += candidates.length;
          return coordinateMoves.images(candidates, images, values);
        },
        imageValue: (image) => coordinateMoves.imageValue(image),
        movingPoint: () => coordinateMoves.movingPoint(),
      },
    }),
  };
  return { problem: counted as P, count: () => evaluations };
}
