/** The files of an optimised plan. */
import { doseNifti } from '@isola/formats/nifti';
import { fluenceJson, type ResultJson } from '@isola/formats/result';
import type { FluenceResult } from '@isola/planning/searches';
import { dvhCsv, renderReport } from '@isola/reporting';
import type { LoadedPlan } from '@isola/worker/plans';
import { type Files, writeFiles } from './output-folder.js';
import { reportInput } from './report-input.js';
import { NOTES } from './result-json.js';
import type { Summary } from './summary.js';

/** Writes the result into `folder`. */
export function writeResult(
  folder: string,
  { spec }: LoadedPlan,
  result: FluenceResult,
  summary: Summary,
  json: ResultJson,
): void {
  const { final, isocenterMm } = result;
  const files: Files = [
    ['dose.nii.gz', doseNifti(final.doseGy, final.voxels.grid)],
    ['dvh.csv', dvhCsv(summary.dvhs)],
    ['fluence.json', fluenceJson(result, NOTES)],
    ['report.html', renderReport(reportInput(json, spec, isocenterMm, final, summary))],
    ['result.json', `${JSON.stringify(json, null, 2)}\n`],
  ];
  writeFiles(folder, files);
}
