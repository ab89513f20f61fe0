/**
 * Indices of the points of a curve that are enough to draw it: the straight lines between them miss
 * no other point by more than `tolerance` in y (Ramer-Douglas-Peucker with vertical distance).
 */
export function thinCurve(x: Float64Array, y: Float64Array, tolerance: number): number[] {
  const kept = new Uint8Array(x.length);
  const spans: [number, number][] = [[0, x.length - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [first, last] = span;
    kept[first] = 1;
    kept[last] = 1;
    const run = x[last] - x[first];
    let worst = tolerance;
    let at = -1;
    for (let i = first + 1; i < last; i++) {
      const part = run > 0 ? (x[i] - x[first]) / run : 0;
      const miss = Math.abs(y[first] + part * (y[last] - y[first]) - y[i]);
      if (miss > worst) [worst, at] = [miss, i];
    }
    if (at >= 0) spans.push([first, at], [at, last]);
  }
  return Array.from(x.keys()).filter((i) => kept[i] === 1);
}
