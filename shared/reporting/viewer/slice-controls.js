/** Window, isodose levels and colour wash of the slices. */
import { element } from './elements.js';
import { ctWindows, isodoseColour, isodoseColours } from './isodoses.js';

const mostLevels = 12;

/**
 * Puts the controls on the page and returns what they say now:
 * `window` of the CT, isodose `levels` from high to low with `text` and `colour`, and `wash`.
 */
export function startSliceControls(prescribedGy, { onchange, onisocentre }) {
  const preset = element(
    'select',
    { 'aria-label': 'CT window preset' },
    ...ctWindows.map((each) => element('option', {}, each.name)),
  );
  const centre = element('input', { type: 'number', step: 10, value: ctWindows[0].centre });
  const width = element('input', { type: 'number', step: 10, min: 1, value: ctWindows[0].width });
  const levels = element('input', {
    className: 'levels',
    value: isodoseColours.map((each) => each.percent).join(', '),
  });
  const unit = element(
    'select',
    { 'aria-label': 'Unit of isodose levels' },
    element('option', { value: '%' }, '% of prescription'),
    element('option', { value: 'Gy' }, 'Gy'),
  );
  const wash = element('input', { type: 'checkbox' });

  preset.addEventListener('change', () => {
    centre.value = ctWindows[preset.selectedIndex].centre;
    width.value = ctWindows[preset.selectedIndex].width;
  });
  unit.addEventListener('change', () => {
    const factor = unit.value === 'Gy' ? prescribedGy / 100 : 100 / prescribedGy;
    levels.value = numbersIn(levels.value)
      .map((value) => Number((value * factor).toFixed(2)))
      .join(', ');
  });
  const isocentre = element('button', { type: 'button', onclick: onisocentre }, 'Go to isocentre');
  const controls = document.getElementById('slice-controls');
  controls.append(
    element('label', {}, 'Window', preset),
    element('label', {}, 'Level', centre),
    element('label', {}, 'Width', width, 'HU'),
    element('label', {}, 'Isodoses', levels),
    unit,
    element('label', {}, wash, 'Colour wash'),
    isocentre,
  );
  controls.addEventListener('input', onchange);
  controls.addEventListener('change', onchange);

  return () => ({
    window: { centre: Number(centre.value), width: Math.max(1, Number(width.value)) },
    levels: levelsOf(numbersIn(levels.value), unit.value, prescribedGy),
    wash: wash.checked,
  });
}

function numbersIn(text) {
  return text
    .split(/[\s,;]+/)
    .map(Number)
    .filter((value) => value > 0 && Number.isFinite(value));
}

function levelsOf(values, unit, prescribedGy) {
  return [...new Set(values)]
    .sort((a, b) => b - a)
    .slice(0, mostLevels)
    .map((value) => {
      const doseGy = unit === 'Gy' ? value : (value / 100) * prescribedGy;
      const percent = (doseGy / prescribedGy) * 100;
      const text = `${value} ${unit}`;
      const also = unit === 'Gy' ? `${percent.toFixed(1)} %` : `${doseGy.toFixed(1)} Gy`;
      return { doseGy, value, text, also, colour: isodoseColour(percent) };
    });
}
