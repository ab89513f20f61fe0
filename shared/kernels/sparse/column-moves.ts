/**
 * What one changed variable adds to the rows and what that costs, plain TypeScript: the reference
 * that the WebAssembly version equals bit for bit.
 *
 * Along a column the cost of rows is a parabola but where a row passes an end of its interval. So
 * one walk looks along the column as far as a reach: it sums up the parabola's coefficients and
 * lists the quads with a row that may pass an end so near. Any step within the reach is then priced
 * by the parabola and a walk along the list, whose rows add what they cost beyond it. What is
 * within the reach and does not pass adds 0, so a price does not depend on the reach. A line in
 * memory:
 *
 *   bytes     content
 *   0  f64    sum of w v d over rows out of their interval, by d
 *   8  f64    sum of w v^2 over them
 *   16        side by side of the layers: u32 count, u32 quads
 *
 * with v in units of the column's scale. Sums are float32 over some quads in each of four lanes,
 * then float64.
 */
import type { Kernels } from './kernels.js';
import { viewQuadColumns } from './quad-columns.js';
import { layersAt, sidesAt } from './row-costs.js';

const FLUSH_QUADS = 32;
/** Offset of the lists in a line. */
export const LINE_LISTS = 16;
const { fround } = Math;

type Moves = Pick<Kernels, 'addQuads' | 'addScaled' | 'lineQuads' | 'linePrice' | 'rowCost'>;

/** Moves on the memory behind `buffer`. */
export function referenceMoves(buffer: ArrayBufferLike): Moves {
  const addQuads: Moves['addQuads'] = (quads, j, delta, y) => {
    const { scales, starts, places, values } = viewQuadColumns(buffer, quads);
    const f32 = new Float32Array(buffer);
    const factor = fround(delta * scales[j]);
    for (let i = starts[j]; i < starts[j + 1]; i++) {
      const row = (y + places[i]) / 4;
      for (let k = 0; k < 4; k++) f32[row + k] += fround(factor * values[4 * i + k]);
    }
  };

  const lineQuads: Moves['lineQuads'] = (quads, j, reach, y, costs, line) => {
    const { scales, starts, places, values } = viewQuadColumns(buffer, quads);
    const f32 = new Float32Array(buffer);
    const lists = new Uint32Array(buffer);
    const factor = fround(reach * scales[j]);
    let [slope, bend, next] = [0, 0, (line + LINE_LISTS) / 4];
    for (const { limit, weight, sign } of sidesAt(buffer, costs)) {
      const [slopes, bends] = [new FlushedLanes(), new FlushedLanes()];
      const list = next++;
      for (let i = starts[j]; i < starts[j + 1]; i++) {
        let isNear = false;
        for (let k = 0; k < 4; k++) {
          const row = places[i] / 4 + k;
          const value = values[4 * i + k];
          const d = fround(sign * fround(f32[y / 4 + row] - limit[row]));
          const gain = isNegative(d) ? 0 : fround(weight[row] * value);
          slopes.add(k, fround(gain * d));
          bends.add(k, fround(gain * value));
          isNear ||= Math.abs(d) < fround(factor * value);
        }
        lists[next] = i;
        if (isNear) next++;
        if ((i + 1 - starts[j]) % FLUSH_QUADS > 0) continue;
        slopes.flush();
        bends.flush();
      }
      lists[list] = next - list - 1;
      slope += sign * slopes.total();
      bend += bends.total();
    }
    new Float64Array(buffer, line, 2).set([slope, bend]);
  };

  const linePrice: Moves['linePrice'] = (quads, j, step, y, costs, line) => {
    const { scales, places, values } = viewQuadColumns(buffer, quads);
    const f32 = new Float32Array(buffer);
    const lists = new Uint32Array(buffer);
    const [slope, bend] = new Float64Array(buffer, line, 2);
    const by = step * scales[j];
    let price = by * (2 * slope + by * bend);
    let list = (line + LINE_LISTS) / 4;
    for (const { limit, weight, sign } of sidesAt(buffer, costs)) {
      const factor = fround(sign * by);
      const lanes = new Float64Array(4);
      const count = lists[list];
      for (const i of lists.subarray(list + 1, list + 1 + count)) {
        for (let k = 0; k < 4; k++) {
          const row = places[i] / 4 + k;
          const d = fround(sign * fround(f32[y / 4 + row] - limit[row]));
          const to = fround(d + fround(factor * values[4 * i + k]));
          const cost = fround(weight[row] * fround(to * Math.abs(to)));
          if (isNegative(d) !== isNegative(to)) lanes[k] += cost;
        }
      }
      price += sumOfLanes(lanes);
      list += 1 + count;
    }
    return price;
  };

  return {
    addQuads,
    addScaled: (count, factor, x, y) => {
      const f64 = new Float64Array(buffer);
      const even = count + (count % 2);
      for (let i = 0; i < even; i++) f64[y / 8 + i] += factor * f64[x / 8 + i];
    },
    lineQuads,
    linePrice,
    rowCost: (rows, y, costs) => {
      const values = new Float32Array(buffer, y, rows);
      const lanes = new Float64Array(4);
      for (const { distance, weight } of layersAt(buffer, costs)) {
        values.forEach((value, row) => {
          const d = distance(row, value);
          lanes[row & 3] += fround(weight[row] * fround(d * d));
        });
      }
      return sumOfLanes(lanes);
    },
  };
}

/** Sums of four lanes, in float32 until they are flushed. */
class FlushedLanes {
  private readonly singles = new Float32Array(4);
  private readonly doubles = new Float64Array(4);

  add(lane: number, value: number): void {
    this.singles[lane] += value;
  }

  flush(): void {
    for (let k = 0; k < 4; k++) this.doubles[k] += this.singles[k];
    this.singles.fill(0);
  }

  total(): number {
    this.flush();
    return sumOfLanes(this.doubles);
  }
}

function sumOfLanes(lanes: Float64Array): number {
  return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
}

/** By the sign bit. */
function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}
