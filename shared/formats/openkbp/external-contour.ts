/**
 * The patient's outline from a CT, without the couch, the headrest and the fixation mask.
 *
 * Steps: voxels denser than -400 HU; an opening with a 2 x 2 square in each axial slice, which
 * removes sheets one voxel thick (couch plates, mask) and cuts what they connect; the largest
 * component of what is left, in 3-D; growth by two voxels within the slice, where the CT is dense
 * enough, which gives back thin parts (nose, ears) that the opening took; holes filled slice by
 * slice, so that lungs and airways are inside.
 */
import type { Vec3 } from '@isola/kernels/grid';
import { largestComponent } from './largest-component.js';

/** Between air with a sheet of mask plastic and skin with half a voxel of air, HU. */
const SKIN_HU = -400;
const REGROWTH_STEPS = 2;

/** Marks (1) the voxels inside the patient's outline. Empty where no voxel is dense. */
export function externalContour(hu: Int16Array, size: Vec3): Uint8Array {
  const dense = new Uint8Array(hu.length);
  for (let v = 0; v < hu.length; v++) dense[v] = hu[v] > SKIN_HU ? 1 : 0;
  const inside = largestComponent(openSlices(dense, size), size);
  for (let step = 0; step < REGROWTH_STEPS; step++) growWithin(inside, dense, size);
  fillHoles(inside, size);
  return inside;
}

/** Opening with a 2 x 2 square: keeps the voxels of every fully marked 2 x 2 block of a slice. */
function openSlices(mask: Uint8Array, [nx, ny, nz]: Vec3): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y + 1 < ny; y++) {
      const row = nx * (y + ny * z);
      for (let v = row; v < row + nx - 1; v++) {
        if (mask[v] & mask[v + 1] & mask[v + nx] & mask[v + nx + 1]) {
          out[v] = out[v + 1] = out[v + nx] = out[v + nx + 1] = 1;
        }
      }
    }
  }
  return out;
}

/** Adds the voxels of `allowed` that touch `mask` by an edge within their slice. */
function growWithin(mask: Uint8Array, allowed: Uint8Array, [nx, ny, nz]: Vec3): void {
  const before = mask.slice();
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const row = nx * (y + ny * z);
      for (let x = 0; x < nx; x++) {
        const v = row + x;
        if (before[v] !== 0 || allowed[v] === 0) continue;
        const touches =
          (x > 0 && before[v - 1] !== 0) ||
          (x + 1 < nx && before[v + 1] !== 0) ||
          (y > 0 && before[v - nx] !== 0) ||
          (y + 1 < ny && before[v + nx] !== 0);
        if (touches) mask[v] = 1;
      }
    }
  }
}

/** Marks the voxels from which no unmarked path leads to the border of their slice. */
export function fillHoles(mask: Uint8Array, [nx, ny, nz]: Vec3): void {
  const area = nx * ny;
  const outside = new Uint8Array(area);
  const stack = new Int32Array(area);
  for (let z = 0; z < nz; z++) {
    const slice = mask.subarray(z * area, (z + 1) * area);
    outside.fill(0);
    let top = 0;
    const visit = (v: number) => {
      if (slice[v] === 0 && outside[v] === 0) {
        outside[v] = 1;
        stack[top++] = v;
      }
    };
    for (let x = 0; x < nx; x++) {
      visit(x);
      visit(x + nx * (ny - 1));
    }
    for (let y = 0; y < ny; y++) {
      visit(nx * y);
      visit(nx * y + nx - 1);
    }
    while (top > 0) {
      const v = stack[--top];
      const x = v % nx;
      if (x > 0) visit(v - 1);
      if (x + 1 < nx) visit(v + 1);
      if (v >= nx) visit(v - nx);
      if (v + nx < area) visit(v + nx);
    }
    for (let v = 0; v < area; v++) if (outside[v] === 0) slice[v] = 1;
  }
}
