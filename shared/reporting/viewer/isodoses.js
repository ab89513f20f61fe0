// @ts-check
/** Isodose levels, their colours (in the order of Eclipse's), and grey values of the CT. */

/** Levels in percent of the prescription, and colours that stand out on a dark CT. */
export const isodoseColours = [
  { percent: 107, colour: '#ff4a3d' },
  { percent: 105, colour: '#ff9429' },
  { percent: 100, colour: '#ffe52e' },
  { percent: 95, colour: '#8fe34b' },
  { percent: 90, colour: '#45d5ff' },
  { percent: 80, colour: '#4d8bff' },
  { percent: 70, colour: '#9a86ff' },
  { percent: 50, colour: '#e3e6ec' },
  { percent: 30, colour: '#98a0ae' },
];

/**
 * Colour of any level: that of the next lower one in the list.
 * @param {number} percent
 */
export function isodoseColour(percent) {
  const found = isodoseColours.find((each) => percent >= each.percent - 1e-6);
  return (found ?? isodoseColours[isodoseColours.length - 1]).colour;
}

/** Display windows in Hounsfield units. */
export const ctWindows = [
  { name: 'Soft tissue', centre: 40, width: 400 },
  { name: 'Lung', centre: -600, width: 1500 },
  { name: 'Bone', centre: 400, width: 1800 },
  { name: 'Whole range', centre: 0, width: 2400 },
];

/**
 * Grey value 0..255 of a Hounsfield number in a window.
 * @param {number} hu
 * @param {{ centre: number, width: number }} ctWindow
 */
export function greyOf(hu, ctWindow) {
  const part = (hu - ctWindow.centre) / ctWindow.width + 0.5;
  return Math.round(255 * Math.min(Math.max(part, 0), 1));
}
