/** Reading values off the DVH with the pointer or, by its slider, with the keyboard. */
import { drawn, element, pointerOn, written } from './elements.js';
import { isShown } from './switches.js';

/** How far from a curve, in units of the drawing, the pointer still means it. */
const nearEnough = 40;

export function startDvh({ frame, maxGy, curves }) {
  const reading = { ...startMarks(frame, maxGy), frame, maxGy, curves };
  const { svg, slider } = reading;
  svg.addEventListener('pointermove', (event) => {
    const { x, y } = pointerOn(svg, event);
    const doseGy = Math.min(Math.max(((x - frame.left) / frame.width) * maxGy, 0), maxGy);
    slider.value = doseGy;
    readAt(reading, doseGy);
    pointOut(reading, nearestCurve(reading, x, y), doseGy);
  });
  svg.addEventListener('pointerleave', () => pointOut(reading, undefined, 0));
  slider.addEventListener('input', () => {
    readAt(reading, Number(slider.value));
    pointOut(reading, undefined, 0);
  });
}

/** The marks that move over the chart, hidden at first, and the slider under it. */
function startMarks(frame, maxGy) {
  const chart = document.getElementById('dvh-chart');
  const svg = chart.querySelector('svg');
  const line = drawn(svg, 'line', { class: 'cursor', y1: frame.top, y2: frame.top + frame.height });
  const dot = drawn(svg, 'circle', { class: 'dot', r: 5 });
  for (const mark of [line, dot]) mark.toggleAttribute('hidden', true);
  const tip = element('div', { className: 'tip', hidden: true });
  const output = element('output', {});
  const slider = element('input', { type: 'range', max: maxGy, step: maxGy / 500, value: 0 });
  chart.append(element('label', { className: 'slider' }, 'Read at dose', slider, output), tip);
  return { svg, line, dot, tip, output, slider };
}

function place({ frame, maxGy }, doseGy, percent) {
  return [
    frame.left + (doseGy / maxGy) * frame.width,
    frame.top + (1 - percent / 100) * frame.height,
  ];
}

/** Writes every curve's volume at a dose beside its name. */
function readAt(reading, doseGy) {
  const [x] = place(reading, doseGy, 0);
  reading.line.setAttribute('x1', x);
  reading.line.setAttribute('x2', x);
  reading.line.toggleAttribute('hidden', false);
  reading.output.textContent = `${written(doseGy, 2)} Gy`;
  for (const curve of reading.curves) {
    const cell = document.querySelector(`[data-cursor="${curve.structure}"]`);
    cell.textContent = `${written(volumeAtDose(curve, doseGy), 1)} %`;
  }
}

/** Names one curve at a dose; none where `curve` is undefined. */
function pointOut(reading, curve, doseGy) {
  const { svg, dot, tip, frame } = reading;
  for (const path of svg.querySelectorAll('.curve')) {
    const near = Number(path.dataset.structure) === curve?.structure;
    path.classList.toggle('near', near);
    if (near) dot.style.fill = getComputedStyle(path).stroke;
  }
  dot.toggleAttribute('hidden', !curve);
  tip.hidden = !curve;
  if (!curve) return;
  const percent = volumeAtDose(curve, doseGy);
  const [x, y] = place(reading, doseGy, percent);
  dot.setAttribute('cx', x);
  dot.setAttribute('cy', y);
  tip.textContent = `${curve.name}: ${written(doseGy, 2)} Gy, ${written(percent, 1)} %`;
  const { width } = svg.viewBox.baseVal;
  const scale = svg.clientWidth / width;
  const onRight = x > frame.left + 0.6 * frame.width;
  tip.style.left = onRight ? '' : `${(x + 14) * scale}px`;
  tip.style.right = onRight ? `${(width - x + 14) * scale}px` : '';
  tip.style.top = `${Math.max(0, y - 34) * scale}px`;
}

function nearestCurve(reading, x, y) {
  let nearest;
  let least = nearEnough;
  for (const curve of reading.curves.filter((each) => isShown(each.structure))) {
    const points = curve.doseGy.map((doseGy, i) => place(reading, doseGy, curve.volumePercent[i]));
    for (let i = 1; i < points.length; i++) {
      const distance = toSegment([x, y], points[i - 1], points[i]);
      if (distance < least) [least, nearest] = [distance, curve];
    }
  }
  return nearest;
}

/** Volume of a curve at a dose, linear between its points. */
export function volumeAtDose({ doseGy, volumePercent }, wantedGy) {
  const above = doseGy.findIndex((dose) => dose >= wantedGy);
  if (above < 0) return 0;
  if (above === 0) return volumePercent[0];
  const part = (wantedGy - doseGy[above - 1]) / (doseGy[above] - doseGy[above - 1]);
  return volumePercent[above - 1] + part * (volumePercent[above] - volumePercent[above - 1]);
}

function toSegment([x, y], [x0, y0], [x1, y1]) {
  const square = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const along = square > 0 ? ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / square : 0;
  const part = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x0 + part * (x1 - x0) - x, y0 + part * (y1 - y0) - y);
}
