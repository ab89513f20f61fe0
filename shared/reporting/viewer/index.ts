/** Viewer: the report's script in the reader's browser, and the drawing it shares with the page. */
import { readFileSync } from 'node:fs';

export { ctWindows, greyOf, isodoseColours } from './isodoses.js';
export { isolines } from './isolines.js';
export {
  labelPoint,
  nearestLayer,
  type Plane,
  pathData,
  planeExtent,
  planeSamples,
  planes,
  positionOf,
  structureOutline,
} from './planes.js';

const modules = [
  'isolines.js',
  'planes.js',
  'isodoses.js',
  'decode.js',
  'elements.js',
  'canvas.js',
  'switches.js',
  'dvh.js',
  'slice-controls.js',
  'slice-panel.js',
  'slices.js',
  'start.js',
];

/**
 * The script as text for an inline `<script type="module">`: the browser modules of this folder
 * joined into one, so that the names at their top level must differ.
 */
export function viewerScript(): string {
  return modules
    .map((name) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8'))
    .map(withoutModuleSyntax)
    .join('');
}

/** Without imports, the word `export`, comments on lines of their own, and blank lines. */
function withoutModuleSyntax(source: string): string {
  return source
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^export (?=async |const |function )/gm, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s*\n/gm, '');
}
