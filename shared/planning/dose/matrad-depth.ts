/**
 * Radiological depth as matRad computes it (matRad_RayTracerSiddon; Siggel et al., Phys Med 28
 * (2012)): a matrix of rays through a plane behind the patient; a voxel takes the depth at the
 * middle of its intersection with the ray in whose cell its centre projects; the depths on the CT
 * grid are then interpolated to the dose grid, and a voxel with an untraced neighbour has none.
 * For comparisons with matRad only.
 */
import { createPath, type Grid, tracePath, type Vec3, voxelCount } from '@isola/kernels/grid';

/** What the ray matrix depends on besides CT and source. */
export interface RayMatrix {
  /** Unit vectors of the beam's eye view, without collimator. */
  readonly axes: { readonly x: Vec3; readonly y: Vec3; readonly z: Vec3 };
  readonly sadMm: number;
  /** Beamlet centres in the isocentre plane. */
  readonly xMm: Float64Array;
  readonly zMm: Float64Array;
  readonly cutoffMm: number;
  /** Voxels of the CT inside any structure. */
  readonly inside: Uint32Array;
  /** The CT before cropping: Octave's search for a cell depends on its size. */
  readonly uncroppedSize: Vec3;
  readonly cropOffset: Vec3;
}

/** Depths of `voxels` of `grid`; NaN where matRad has none. */
export function matradDepths(
  ct: Grid,
  density: Float32Array,
  source: Vec3,
  rays: RayMatrix,
  grid: Grid,
  voxels: Uint32Array,
  out: Float32Array,
): void {
  const cube = tracedCube(ct, density, source, rays);
  interpolate(ct, cube, rays, grid, voxels, out);
}

/** Depth on the CT grid; NaN outside the structures and where no ray is responsible. */
function tracedCube(ct: Grid, density: Float32Array, source: Vec3, rays: RayMatrix): Float64Array {
  const { axes, sadMm } = rays;
  const cube = new Float64Array(voxelCount(ct)).fill(Number.NaN);
  const bev = bevCoordinates(ct, source, rays);
  let furthestMm = Number.NEGATIVE_INFINITY;
  for (const v of rays.inside) furthestMm = Math.max(furthestMm, bev[3 * v + 1]);
  const planeMm = furthestMm + Math.max(...ct.spacingMm);
  const spacing = Math.min(...ct.spacingMm) / Math.sqrt(2);
  const half = spacing / 2;
  const path = createPath(ct);
  const point: [number, number, number] = [0, 0, 0];
  for (const [x, z] of responsibleRays(rays, planeMm / sadMm, spacing)) {
    for (let axis = 0; axis < 3; axis++) {
      point[axis] = source[axis] + x * axes.x[axis] + planeMm * axes.y[axis] + z * axes.z[axis];
    }
    const count = tracePath(ct, source, point, path);
    let depth = 0;
    for (let i = 0; i < count; i++) {
      const voxel = path.voxels[i];
      const step = path.lengthsMm[i] * density[voxel];
      depth += step;
      const scale = planeMm / bev[3 * voxel + 1];
      const dx = bev[3 * voxel] * scale - x;
      const dz = bev[3 * voxel + 2] * scale - z;
      if (dx > -half && dx <= half && dz > -half && dz <= half) cube[voxel] = depth - step / 2;
    }
  }
  const traced = new Float64Array(cube.length).fill(Number.NaN);
  for (const v of rays.inside) traced[v] = cube[v];
  return traced;
}

/** Voxel centres relative to the source, in the beam's eye view: x, y, z of each voxel. */
function bevCoordinates(ct: Grid, source: Vec3, { axes }: RayMatrix): Float64Array {
  const [nx, ny, nz] = ct.size;
  const bev = new Float64Array(3 * nx * ny * nz);
  [axes.x, axes.y, axes.z].forEach((axis, k) => {
    const [dx, dy, dz] = [
      axis[0] * ct.spacingMm[0],
      axis[1] * ct.spacingMm[1],
      axis[2] * ct.spacingMm[2],
    ];
    const first =
      axis[0] * (ct.originMm[0] - source[0]) +
      axis[1] * (ct.originMm[1] - source[1]) +
      axis[2] * (ct.originMm[2] - source[2]);
    let at = k;
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        const line = first + y * dy + z * dz;
        for (let x = 0; x < nx; x++, at += 3) bev[at] = line + x * dx;
      }
    }
  });
  return bev;
}

/** Ray positions in the plane, `magnification` times the isocentre plane, near any beamlet. */
function responsibleRays(
  rays: RayMatrix,
  magnification: number,
  spacing: number,
): [number, number][] {
  const reach = Math.ceil(500 / spacing);
  const width = 2 * reach + 1;
  const used = new Uint8Array(width * width);
  const span = Math.ceil(rays.cutoffMm / spacing) + 1;
  for (let j = 0; j < rays.xMm.length; j++) {
    const cx = rays.xMm[j] * magnification;
    const cz = rays.zMm[j] * magnification;
    const ix = Math.round(cx / spacing);
    const iz = Math.round(cz / spacing);
    for (let i = Math.max(-reach, ix - span); i <= Math.min(reach, ix + span); i++) {
      const dx = i * spacing - cx;
      for (let k = Math.max(-reach, iz - span); k <= Math.min(reach, iz + span); k++) {
        const dz = k * spacing - cz;
        if (dx * dx + dz * dz <= rays.cutoffMm * rays.cutoffMm) {
          used[(i + reach) * width + k + reach] = 1;
        }
      }
    }
  }
  const kept: [number, number][] = [];
  used.forEach((flag, at) => {
    if (flag === 1) {
      kept.push([(Math.floor(at / width) - reach) * spacing, ((at % width) - reach) * spacing]);
    }
  });
  return kept;
}

function interpolate(
  ct: Grid,
  cube: Float64Array,
  rays: RayMatrix,
  grid: Grid,
  voxels: Uint32Array,
  out: Float32Array,
): void {
  const cells = ([0, 1, 2] as const).map((axis) => axisCells(ct, rays, grid, axis));
  const [nx, ny] = ct.size;
  for (let r = 0; r < voxels.length; r++) {
    const x = voxels[r] % grid.size[0];
    const line = (voxels[r] - x) / grid.size[0];
    const y = line % grid.size[1];
    const [cx, cy, cz] = [cells[0][x], cells[1][y], cells[2][(line - y) / grid.size[1]]];
    let sum = Number.NaN;
    if (cx !== null && cy !== null && cz !== null) {
      sum = 0;
      for (let corner = 0; corner < 8; corner++) {
        const [i, j, k] = [corner & 1, (corner >> 1) & 1, corner >> 2];
        const weight =
          (i ? cx.fraction : 1 - cx.fraction) *
          (j ? cy.fraction : 1 - cy.fraction) *
          (k ? cz.fraction : 1 - cz.fraction);
        sum += weight * cube[cx.index + i + nx * (cy.index + j + ny * (cz.index + k))];
      }
    }
    out[r] = sum;
  }
}

/** For each plane of an axis of the dose grid its CT cell and fraction, as Octave's interpn. */
function axisCells(ct: Grid, rays: RayMatrix, grid: Grid, axis: 0 | 1 | 2) {
  const full = rays.uncroppedSize[axis];
  const first = ct.originMm[axis] - rays.cropOffset[axis] * ct.spacingMm[axis];
  const plane = (i: number) => first + i * ct.spacingMm[axis];
  return Array.from({ length: grid.size[axis] }, (_, i) => {
    const at = grid.originMm[axis] + i * grid.spacingMm[axis];
    const cell = bisect(plane, full, at);
    if (cell === null) return null;
    const index = cell - rays.cropOffset[axis];
    if (index < 0 || index + 1 >= ct.size[axis]) return null;
    return { index, fraction: (at - plane(cell)) / ct.spacingMm[axis] };
  });
}

/** Octave's bisection: a point on a plane may be given to the cell on either side of it. */
function bisect(plane: (i: number) => number, count: number, at: number): number | null {
  if (at < plane(0) || at > plane(count - 1)) return null;
  let low = 0;
  let high = count - 1;
  for (;;) {
    const middle = Math.floor((low + high) / 2);
    if (at <= plane(middle + 1)) {
      if (plane(middle) <= at) return middle;
      high = middle;
    }
    if (plane(middle) <= at) low = middle;
  }
}
