/**
 * Line search of More and Thuente (1994), "Line search algorithms with guaranteed sufficient
 * decrease", ACM TOMS 20: finds a step that satisfies the strong Wolfe conditions, usually the
 * first one tried, by safeguarded cubic and quadratic interpolation.
 */

/** A step along the search line with cost and directional derivative there. */
export interface LinePoint {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** Sufficient decrease: value(step) <= value(0) + DECREASE step slope(0). */
const DECREASE = 1e-3;
/** Curvature: |slope(step)| <= CURVATURE |slope(0)|; loose, as quasi-Newton steps like it. */
const CURVATURE = 0.9;
/** A bracket this narrow, relative to its upper end, holds nothing worth an evaluation. */
const NARROW = 0.1;
const MAX_TRIALS = 20;

/** An interval that holds an acceptable step once `bracketed`. `near` is its better end. */
interface Interval<P> {
  near: P | LinePoint;
  far: P | LinePoint;
  bracketed: boolean;
}

/**
 * Searches along a line for an acceptable step.
 * @param trial evaluates a step; whatever else it returns with the point comes back in the result
 * @param start the point at step 0, with a negative slope
 * @param firstStep tried first; greater than 0 and at most `maxStep`
 * @returns the point of the accepted step; where the interval shrinks to nothing or the trials run
 * out, the best point that decreases enough; null where there is none.
 */
export async function moreThuente<P extends LinePoint>(
  trial: (step: number) => Promise<P>,
  start: LinePoint,
  firstStep: number,
  maxStep: number,
): Promise<P | null> {
  const target = DECREASE * start.slope;
  const interval: Interval<P> = { near: start, far: start, bracketed: false };
  let [low, high] = [0, 5 * firstStep];
  let [width, widthBefore] = [maxStep, 2 * maxStep];
  let firstStage = true;
  let step = firstStep;
  for (let trials = 0; trials < MAX_TRIALS; trials++) {
    const point = await trial(step);
    const enough = start.value + step * target;
    const decreases = point.value <= enough;
    if (decreases && Math.abs(point.slope) <= CURVATURE * -start.slope) return point;
    if (decreases && step === maxStep && point.slope <= target) return point;
    // First stage: seek a step with enough decrease and a slope of 0 or more, through the function
    // with the line of sufficient decrease taken off (section 2 of the paper).
    if (decreases && point.slope >= 0) firstStage = false;
    const tilt = firstStage && !decreases && point.value <= interval.near.value ? target : 0;
    step = nextStep(interval, point, tilt, low, high);
    if (interval.bracketed) {
      const length = Math.abs(interval.far.step - interval.near.step);
      if (length >= 0.66 * widthBefore) {
        step = interval.near.step + 0.5 * (interval.far.step - interval.near.step);
      }
      [widthBefore, width] = [width, length];
      low = Math.min(interval.near.step, interval.far.step);
      high = Math.max(interval.near.step, interval.far.step);
    } else {
      low = step + 1.1 * (step - interval.near.step);
      high = step + 4 * (step - interval.near.step);
    }
    step = Math.max(0, Math.min(step, maxStep));
    if (interval.bracketed && (step <= low || step >= high || high - low <= NARROW * high)) break;
    // No step this short changes the cost by more than its rounding.
    if (-start.slope * step <= Number.EPSILON * Math.abs(start.value)) break;
  }
  return interval.near.step > 0 ? (interval.near as P) : null;
}

/**
 * Takes a new point into the interval and proposes the next step: the four cases of section 4.
 * @param tilt slope of the line that is taken off all values
 */
function nextStep<P extends LinePoint>(
  interval: Interval<P>,
  point: P,
  tilt: number,
  low: number,
  high: number,
): number {
  const near = tilted(interval.near, tilt);
  const far = tilted(interval.far, tilt);
  const here = tilted(point, tilt);
  const turned = Math.sign(here.slope) * Math.sign(near.slope) < 0;
  let step: number;
  if (here.value > near.value) {
    const cubic = cubicStep(near, here);
    const drop = (near.value - here.value) / (here.step - near.step) + near.slope;
    const quadratic = near.step + (near.slope / drop / 2) * (here.step - near.step);
    const cubicIsCloser = Math.abs(cubic - near.step) < Math.abs(quadratic - near.step);
    step = cubicIsCloser ? cubic : cubic + (quadratic - cubic) / 2;
    interval.bracketed = true;
  } else if (turned) {
    const cubic = cubicStep(here, near);
    const secant = secantStep(here, near);
    step = Math.abs(cubic - here.step) > Math.abs(secant - here.step) ? cubic : secant;
    interval.bracketed = true;
  } else if (Math.abs(here.slope) < Math.abs(near.slope)) {
    step = flatterStep(interval.bracketed, near, far, here, low, high);
  } else if (interval.bracketed) {
    step = cubicStep(here, far);
  } else {
    step = here.step > near.step ? high : low;
  }
  if (here.value > near.value) interval.far = point;
  else {
    if (turned) interval.far = interval.near;
    interval.near = point;
  }
  return step;
}

/** Third case: lower and flatter. The cubic counts only where its minimum lies ahead. */
function flatterStep(
  bracketed: boolean,
  near: LinePoint,
  far: LinePoint,
  here: LinePoint,
  low: number,
  high: number,
): number {
  const ahead = here.step > near.step;
  const secant = secantStep(here, near);
  let cubic = cubicStep(here, near);
  if (!(ahead ? cubic > here.step : cubic < here.step)) cubic = ahead ? high : low;
  const cubicIsCloser = Math.abs(cubic - here.step) < Math.abs(secant - here.step);
  if (!bracketed) return Math.max(low, Math.min(high, cubicIsCloser ? secant : cubic));
  const step = cubicIsCloser ? cubic : secant;
  const limit = here.step + 0.66 * (far.step - here.step);
  return ahead ? Math.min(limit, step) : Math.max(limit, step);
}

function tilted(point: LinePoint, tilt: number): LinePoint {
  const { step, value, slope } = point;
  return { step, value: value - tilt * step, slope: slope - tilt };
}

/** Minimum of the cubic through values and slopes of a and b; not finite where it has none. */
function cubicStep(a: LinePoint, b: LinePoint): number {
  const length = b.step - a.step;
  const theta = (3 * (a.value - b.value)) / length + a.slope + b.slope;
  const scale = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const radicand = (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale);
  const gamma = (length < 0 ? -scale : scale) * Math.sqrt(Math.max(0, radicand));
  const ratio = (gamma - a.slope + theta) / (gamma - a.slope + gamma + b.slope);
  return a.step + ratio * length;
}

/** Where the slope, taken as linear between a and b, is 0. */
function secantStep(a: LinePoint, b: LinePoint): number {
  return a.step + (a.slope / (a.slope - b.slope)) * (b.step - a.step);
}
