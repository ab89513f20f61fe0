import type { MovingPoint, Problem } from '../problem/index.js';

/**
 * The same problem, with a count of the costs computed; a candidate of a batch and the price of a
 * change count as one.
 */
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
        newImage: () => coordinateMoves.newImage(),
        images(candidates, images, values) {
          evaluations += candidates.length;
          return coordinateMoves.images(candidates, images, values);
        },
        imageValue(x, image) {
          evaluations++;
          return coordinateMoves.imageValue(x, image);
        },
        movingPoint() {
          const count = () => evaluations++;
          return countedPoint(coordinateMoves.movingPoint(), count);
        },
      },
    }),
  };
  return { problem: counted as P, count: () => evaluations };
}

function countedPoint(point: MovingPoint, count: () => void): MovingPoint {
  return {
    load: (x, image) => point.load(x, image),
    get value() {
      return point.value;
    },
    expect: (index, one, other) => point.expect(index, one, other),
    coordinateChange(index, to) {
      count();
      return point.coordinateChange(index, to);
    },
    move: (index, to) => point.move(index, to),
    save: (x, image) => point.save(x, image),
  };
}
