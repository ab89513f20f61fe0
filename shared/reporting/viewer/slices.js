/** Leafing through CT and dose: CT and wash on canvases, lines in the drawing over them. */
import { paintPlane } from './canvas.js';
import { drawn, element, written } from './elements.js';
import { greyOf } from './isodoses.js';
import { isolines } from './isolines.js';
import {
  indexOf,
  labelPoint,
  nearestLayer,
  pathData,
  planeSamples,
  planes,
  positionOf,
  structureOutline,
} from './planes.js';
import { startSliceControls } from './slice-controls.js';
import { startPanel } from './slice-panel.js';

const axes = [0, 1, 2];
const washAlpha = 100;
const hint =
  'Point at an image to read dose and HU; click to move the other planes there; the wheel, the ' +
  'arrow keys and the sliders leaf through the slices.';

/** Takes over the three planes of the page. */
export function startSlices(report, volumes) {
  const scene = { report, ...volumes, shownMm: [0, 0, 0], settings: null, waiting: false };
  const readSettings = startSliceControls(report.prescribedGy, {
    onchange() {
      scene.settings = readSettings();
      drawLegend(scene.settings.levels);
      drawSoon(scene);
    },
    onisocentre: () => moveTo(scene, report.isocentreMm),
  });
  const figures = [...document.querySelectorAll('.plane')];
  scene.panels = planes.map((plane, i) => startPanel(figures[i], plane, actions(scene, plane)));
  scene.settings = readSettings();
  document.getElementById('slice-readout').textContent = report.volumes.reduced
    ? `${hint} The slices are coarser than the plan, to keep this file small.`
    : hint;
  moveTo(scene, report.isocentreMm);
}

function actions(scene, plane) {
  const { grid } = scene.structures;
  const positionAt = (u, v) => {
    const position = [...scene.shownMm];
    position[plane.across] = u;
    position[plane.down] = v * plane.downSign;
    return position;
  };
  const moveAlong = (positionMm) => {
    const position = [...scene.shownMm];
    position[plane.normal] = positionMm;
    moveTo(scene, position);
    describe(scene, scene.shownMm);
  };
  return {
    point: (u, v) => describe(scene, positionAt(u, v)),
    click(u, v) {
      moveTo(scene, positionAt(u, v));
      describe(scene, positionAt(u, v));
    },
    step: (layers) =>
      moveAlong(scene.shownMm[plane.normal] + layers * grid.spacingMm[plane.normal]),
    layer: (layer) => moveAlong(positionOf(grid, plane.normal, layer)),
  };
}

/** Shows the layers of the plan's CT nearest to a position. */
function moveTo(scene, positionMm) {
  const { grid } = scene.structures;
  scene.shownMm = axes.map((axis) => {
    const [first, last] = layerRange(scene, axis);
    const layer = nearestLayer(grid, axis, positionMm[axis]);
    return positionOf(grid, axis, Math.min(Math.max(layer, first), last));
  });
  drawSoon(scene);
}

/** First and last layer of the plan's CT within what the page carries of it. */
function layerRange(scene, axis) {
  const carried = scene.ct.grid;
  return [0, carried.size[axis] - 1].map((layer) =>
    nearestLayer(scene.structures.grid, axis, positionOf(carried, axis, layer)),
  );
}

/** Draws once before the browser paints, however often it is asked to. */
function drawSoon(scene) {
  if (scene.waiting) return;
  scene.waiting = true;
  requestAnimationFrame(() => {
    scene.waiting = false;
    for (const panel of scene.panels) drawPanel(scene, panel);
  });
}

function drawPanel(scene, panel) {
  const { plane } = panel;
  const { grid, runs } = scene.structures;
  const positionMm = scene.shownMm[plane.normal];
  const layer = nearestLayer(grid, plane.normal, positionMm);
  if (panel.drawnLayer !== layer || panel.drawnSettings !== scene.settings) {
    const doseGy = planeSamples(scene.dose.doseGy, scene.dose.grid, plane, positionMm);
    drawCt(scene, panel, positionMm);
    drawWash(scene, panel, doseGy);
    drawIsodoses(scene, panel, doseGy);
    for (const path of panel.outlines) {
      const lines = structureOutline(runs[path.dataset.structure], grid, plane, layer);
      path.setAttribute('d', pathData(lines, grid, plane));
    }
    panel.drawnLayer = layer;
    panel.drawnSettings = scene.settings;
  }
  const range = layerRange(scene, plane.normal);
  const [u, v] = [scene.shownMm[plane.across], plane.downSign * scene.shownMm[plane.down]];
  panel.place(positionMm, layer, range, u, v);
  const isocentreMm = scene.report.isocentreMm[plane.normal];
  panel.isocentre.toggleAttribute(
    'hidden',
    layer !== nearestLayer(grid, plane.normal, isocentreMm),
  );
}

function drawCt({ ct, settings }, { ctCanvas, svg, plane }, positionMm) {
  const layer = nearestLayer(ct.grid, plane.normal, positionMm);
  const at = positionOf(ct.grid, plane.normal, layer);
  const hu = planeSamples(ct.hu, ct.grid, plane, at);
  paintPlane(ctCanvas, svg, ct.grid, plane, (pixels, to, voxel) => {
    pixels.fill(greyOf(hu[voxel], settings.window), to, to + 3);
    pixels[to + 3] = 255;
  });
}

function drawWash({ dose, settings }, { washCanvas, svg, plane }, doseGy) {
  washCanvas.hidden = !settings.wash || doseGy === null;
  if (washCanvas.hidden) return;
  const bands = settings.levels.map((level) => ({
    fromGy: level.doseGy,
    rgba: [...[1, 3, 5].map((k) => Number.parseInt(level.colour.slice(k, k + 2), 16)), washAlpha],
  }));
  paintPlane(washCanvas, svg, dose.grid, plane, (pixels, to, voxel) => {
    const band = bands.find((each) => doseGy[voxel] >= each.fromGy);
    if (band) pixels.set(band.rgba, to);
  });
}

function drawIsodoses({ dose, settings }, { isodoses, plane }, doseGy) {
  isodoses.replaceChildren();
  if (doseGy === null) return;
  const width = dose.grid.size[plane.across];
  const height = dose.grid.size[plane.down];
  const lines = settings.levels.map((level) => isolines(doseGy, width, height, level.doseGy));
  settings.levels.forEach(({ colour }, i) => {
    drawn(isodoses, 'path', { stroke: colour, d: pathData(lines[i], dose.grid, plane) });
  });
  settings.levels.forEach(({ colour, value }, i) => {
    const at = labelPoint(lines[i], dose.grid, plane, i);
    if (at) drawn(isodoses, 'text', { x: at.u, y: at.v, fill: colour }, value);
  });
}

function drawLegend(levels) {
  const items = levels.map((level) => {
    const item = element('li', {});
    const [swatch] = document.querySelectorAll('#isodose-legend .swatch');
    const copy = swatch.cloneNode(true);
    copy.firstElementChild.setAttribute('stroke', level.colour);
    item.append(copy, `${level.text}\u00a0`, element('span', { className: 'quiet' }, level.also));
    return item;
  });
  if (items.length > 0) document.getElementById('isodose-legend').replaceChildren(...items);
}

/** Says what is at a position. */
function describe({ report, ct, dose, structures }, positionMm) {
  const { grid, runs } = structures;
  const doseGy = sampleAt(dose.doseGy, dose.grid, positionMm);
  const percent = (100 * doseGy) / report.prescribedGy;
  const hu = ct.hu[voxelAt(ct.grid, positionMm)];
  const voxel = voxelAt(grid, positionMm);
  const inside = report.structures.filter((_, i) => containsVoxel(runs[i], voxel));
  const parts = [
    Number.isNaN(doseGy)
      ? 'outside the dose grid'
      : `${written(doseGy, 2)} Gy (${written(percent, 1)} %)`,
    `${written(hu, 0)} HU`,
    `${axes.map((axis) => `${'xyz'[axis]} ${written(positionMm[axis], 1)}`).join(', ')} mm`,
    ...(inside.length > 0 ? [inside.join(', ')] : []),
  ];
  document.getElementById('slice-readout').textContent = parts.join(' \u00b7 ');
}

function voxelAt(grid, positionMm) {
  const [x, y, z] = axes.map((axis) => nearestLayer(grid, axis, positionMm[axis]));
  return x + grid.size[0] * (y + grid.size[1] * z);
}

/** Trilinear interpolation; NaN outside the outermost samples. */
export function sampleAt(volume, grid, positionMm) {
  const index = axes.map((axis) => indexOf(grid, axis, positionMm[axis]));
  if (axes.some((axis) => index[axis] < 0 || index[axis] > grid.size[axis] - 1)) return Number.NaN;
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    let weight = 1;
    const at = axes.map((axis) => {
      const below = Math.min(Math.floor(index[axis]), Math.max(grid.size[axis] - 2, 0));
      const upper = (corner >> axis) & 1;
      weight *= upper === 1 ? index[axis] - below : 1 - (index[axis] - below);
      return below + upper;
    });
    if (weight > 0) sum += weight * volume[at[0] + grid.size[0] * (at[1] + grid.size[1] * at[2])];
  }
  return sum;
}

/** Whether runs of voxels, ascending, contain one. */
export function containsVoxel(runs, voxel) {
  let [low, high] = [0, runs.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[2 * middle] <= voxel) low = middle + 1;
    else high = middle;
  }
  return low > 0 && voxel < runs[2 * low - 2] + runs[2 * low - 1];
}
