/** Starts the report's script: the page is complete without it. */
import { decodeVolumes } from './decode.js';
import { startDvh } from './dvh.js';
import { startSlices } from './slices.js';
import { startSwitches } from './switches.js';

const report = JSON.parse(document.getElementById('report-data').textContent);
startSwitches();
startDvh(report.dvh);
startSlices(report, await decodeVolumes(report.volumes));
