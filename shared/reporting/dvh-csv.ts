import type { ReportDvh } from './report-input.js';

/**
 * Dose-volume histograms as a table (RFC 4180): `dose_gy`, then one column a structure named
 * "NAME volume_percent". Rows stand at the doses of the curve that reaches farthest; other curves
 * are interpolated linearly there, and are 0 beyond their last dose.
 */
export function dvhCsv(dvhs: readonly ReportDvh[]): string {
  const header = ['dose_gy', ...dvhs.map((dvh) => `${dvh.structure} volume_percent`)];
  const farthest = dvhs.reduce<ReportDvh | undefined>(
    (best, dvh) => (best !== undefined && last(best) >= last(dvh) ? best : dvh),
    undefined,
  );
  const doses = farthest === undefined ? [] : Array.from(farthest.doseGy);
  const rows = doses.map((doseGy) => [
    plain(doseGy),
    ...dvhs.map((dvh) => plain(volumeAt(dvh, doseGy))),
  ]);
  return [header, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function last(dvh: ReportDvh): number {
  return dvh.doseGy.length > 0 ? dvh.doseGy[dvh.doseGy.length - 1] : -1;
}

function volumeAt({ doseGy, volumePercent }: ReportDvh, wantedGy: number): number {
  if (doseGy.length === 0 || wantedGy > doseGy[doseGy.length - 1]) return 0;
  let [low, high] = [0, doseGy.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (doseGy[middle] < wantedGy) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || doseGy[low] === wantedGy) return volumePercent[low];
  const part = (wantedGy - doseGy[low - 1]) / (doseGy[low] - doseGy[low - 1]);
  return volumePercent[low - 1] + part * (volumePercent[low] - volumePercent[low - 1]);
}

/** Six decimals at most, no exponent. */
function plain(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
