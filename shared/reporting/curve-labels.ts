/** Names written beside their curves, each where it hides least. */

export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface CurveLabel {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const characterWidth = 7.2;
const lineHeight = 15;
const gap = 8;
const heightsTried = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.12, 0.88, 0.06, 0.94];

/**
 * Where each name begins (left end, baseline): to the right of its curve, or to the left where the
 * area ends, at the height where it covers the fewest earlier names and the least of the curves.
 */
export function placeLabels(curves: readonly Curve[], area: Box): CurveLabel[] {
  const taken: Box[] = [];
  const samples = curves.map((curve) => denselySampled(curve.points));
  return curves.map((curve) => {
    let best = { cost: Infinity, box: { ...area, bottom: area.top, right: area.left } };
    heightsTried.forEach((part, tried) => {
      const y = area.top + part * (area.bottom - area.top);
      const x = lastCrossing(curve.points, y);
      if (x === null) return;
      const box = boxAt(x, y, curve.name, area);
      const onNames = taken.filter((other) => overlap(box, other)).length;
      const onCurves = samples.flat().filter((point) => inside(point, box)).length;
      const cost = 300 * onNames + 4 * onCurves + tried;
      if (cost < best.cost) best = { cost, box };
    });
    taken.push(best.box);
    return { x: best.box.left, y: best.box.bottom - 4 };
  });
}

function boxAt(x: number, middle: number, name: string, area: Box): Box {
  const width = characterWidth * name.length;
  const left = x + gap + width > area.right ? x - gap - width : x + gap;
  return {
    left,
    right: left + width,
    top: middle - lineHeight / 2,
    bottom: middle + lineHeight / 2,
  };
}

/** The rightmost x at which a falling curve has the height y (page heights run downwards). */
function lastCrossing(points: Curve['points'], y: number): number | null {
  for (let i = points.length - 1; i > 0; i--) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    if (y0 <= y && y <= y1) return y1 > y0 ? x0 + ((y - y0) / (y1 - y0)) * (x1 - x0) : x1;
  }
  return null;
}

function denselySampled(points: Curve['points']): [number, number][] {
  const samples: [number, number][] = [];
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 4);
    for (let k = 0; k < steps; k++) {
      samples.push([x0 + (k / steps) * (x1 - x0), y0 + (k / steps) * (y1 - y0)]);
    }
  }
  return samples;
}

function inside([x, y]: readonly [number, number], box: Box): boolean {
  return x > box.left && x < box.right && y > box.top && y < box.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
