/** Volumes as pixels under a drawing. */
import { planeExtent } from './planes.js';

/**
 * Fills a canvas with one pixel a voxel of a plane, and lays it where those voxels are in the
 * drawing `svg`. `colour(pixels, at, voxel)` writes red, green, blue and alpha at `at`.
 */
export function paintPlane(canvas, svg, grid, plane, colour) {
  const width = grid.size[plane.across];
  const height = grid.size[plane.down];
  const upward = plane.downSign === -1;
  const image = new ImageData(width, height);
  for (let row = 0; row < height; row++) {
    const source = upward ? height - 1 - row : row;
    for (let column = 0; column < width; column++) {
      colour(image.data, 4 * (column + width * row), column + width * source);
    }
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d').putImageData(image, 0, 0);

  const view = svg.viewBox.baseVal;
  const extent = planeExtent(grid, plane);
  canvas.style.left = `${(100 * (extent.u - view.x)) / view.width}%`;
  canvas.style.top = `${(100 * (extent.v - view.y)) / view.height}%`;
  canvas.style.width = `${(100 * extent.width) / view.width}%`;
  canvas.style.height = `${(100 * extent.height) / view.height}%`;
}
