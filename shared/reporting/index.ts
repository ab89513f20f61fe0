/** Reporting: a result as pictures, pages and tables; no maths. */
export { dvhCsv } from './dvh-csv.js';
export { renderReport } from './page.js';
export type * from './report-input.js';
