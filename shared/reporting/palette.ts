/**
 * Colours. Those of structures come in pairs, for light and for dark surroundings, and together
 * with a dash pattern, so that colour is never the only difference: no two of the first 60
 * structures look the same.
 */
const structureColours: readonly (readonly [light: string, dark: string])[] = [
  ['#b5177e', '#ff7ac8'],
  ['#0063b1', '#63aeff'],
  ['#9a5200', '#f2a65a'],
  ['#00786a', '#3bd0bb'],
  ['#6a3fb5', '#bba2ff'],
  ['#6f6200', '#dccb55'],
  ['#0b7391', '#84d8f2'],
  ['#9e2f1f', '#ff9582'],
  ['#3a741d', '#97d670'],
  ['#59616d', '#bcc3cd'],
  ['#93456a', '#ecabc9'],
  ['#73492c', '#d6ae90'],
];

const dashes = ['none', '9 4', '3 3', '12 3 3 3', '6 2 2 2'] as const;

/** Class of a structure by its place in the report; the stylesheet gives it its colour. */
export function structureClass(index: number): string {
  return `s${index % structureColours.length}`;
}

/** Value for `stroke-dasharray` of a structure's curve. */
export function structureDash(index: number): string {
  return dashes[index % dashes.length];
}

/** Style rules behind `structureClass`. */
export function structureRules(): string {
  return structureColours
    .map(([light, dark], i) => `.s${i}{--colour:light-dark(${light},${dark})}`)
    .join('\n');
}

/** Nine colours of viridis (van der Walt & Smith 2015), evenly spaced: even in lightness. */
const viridis = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

/** Red, green and blue for a part 0..1 of a scale. */
export function heatColour(part: number): [number, number, number] {
  const place = Math.min(Math.max(part, 0), 1) * (viridis.length - 1);
  const below = Math.min(Math.floor(place), viridis.length - 2);
  const mixed = (channel: 0 | 1 | 2) =>
    Math.round(
      viridis[below][channel] +
        (place - below) * (viridis[below + 1][channel] - viridis[below][channel]),
    );
  return [mixed(0), mixed(1), mixed(2)];
}
