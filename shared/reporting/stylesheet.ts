import { structureRules } from './palette.js';

/**
 * The report's style, for light and dark surroundings and for paper.
 * @param planeWidthsMm widths of the three planes, drawn to one scale side by side
 */
export function stylesheet(planeWidthsMm: readonly number[]): string {
  const columns = planeWidthsMm.map((width) => `minmax(0,${width.toFixed(1)}fr)`).join(' ');
  return [
    base,
    headings,
    tables,
    charts,
    viewer,
    `.planes{display:grid;gap:12px;align-items:start;grid-template-columns:${columns}}`,
    narrow,
    paper,
    structureRules(),
  ].join('\n');
}

const base = `
:root{color-scheme:light dark;
--page:light-dark(#fff,#14171b);--ink:light-dark(#1a1e23,#e7eaee);
--quiet:light-dark(#59626d,#a3acb8);--line:light-dark(#d6dae0,#363c45);
--soft:light-dark(#f3f5f7,#1e2329);--accent:light-dark(#0b5cad,#7ab8ff);
--good:light-dark(#0b6b32,#5fd08a);--bad:light-dark(#b3231a,#ff9a8f)}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{scroll-behavior:smooth}
body{margin:0 auto;padding:24px 28px 40px;max-width:1320px;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,"Segoe UI",Roboto,"Liberation Sans",sans-serif;
font-variant-numeric:tabular-nums}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:12px/1.5 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;
overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-size:.9em}
footer{margin-top:40px;border-top:1px solid var(--line);color:var(--quiet)}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}`;

const headings = `
.title{display:flex;gap:8px 24px;align-items:center;justify-content:space-between;flex-wrap:wrap}
h1{margin:0;font-size:28px;line-height:1.2;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{margin:44px 0 12px;font-size:20px;line-height:1.3}
h3{margin:0 0 8px;font-size:15px}
.count{margin-left:8px;font-weight:400;font-size:16px;color:var(--quiet)}
.warning{margin:0;padding:3px 12px;border:2px solid var(--bad);border-radius:4px;color:var(--bad);
font-weight:650}
dl{margin:0}dt{color:var(--quiet);font-size:13px}dd{margin:0;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(145px,1fr));gap:10px 20px;
margin:18px 0}
.listed div{display:grid;grid-template-columns:110px 1fr;align-items:baseline;padding:6px 4px;
border-bottom:1px solid var(--line)}
.notes{margin:0 0 14px;padding:8px 14px 8px 32px;background:var(--soft);
border-left:4px solid var(--accent)}
nav{display:flex;flex-wrap:wrap;gap:4px 20px;padding:8px 0;border-block:1px solid var(--line)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:24px 40px;
align-items:start}`;

const tables = `
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:6px 12px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;font-size:13px;color:var(--quiet);vertical-align:bottom}
th:first-child,td:first-child{padding-left:4px}
tbody tr:hover{background:var(--soft)}
.number{text-align:right}
.status{font-weight:600}
.met{color:var(--good)}.unmet{color:var(--bad)}
.share svg{display:inline-block;width:60px;height:8px;margin-left:8px;fill:var(--accent)}
.share .track{fill:var(--line)}
details{margin-top:8px}summary{cursor:pointer;color:var(--quiet)}`;

const charts = `
figure{margin:0;break-inside:avoid}
figcaption{margin-bottom:4px}
figcaption .quiet{display:block}
svg{display:block;width:100%;height:auto;overflow:visible}
.swatch{display:inline-block;width:28px;height:8px;margin-right:8px;vertical-align:middle;
stroke-width:3.5;fill:none;stroke:var(--colour)}
.axes{fill:var(--ink);font-size:12.5px}
.axes .title{font-size:13.5px}
.grid{stroke:var(--line);stroke-width:1}
.axis{fill:none;stroke:var(--quiet)}
.dvh{display:grid;grid-template-columns:minmax(0,1fr) minmax(200px,270px);gap:24px;
align-items:start}
.chart{position:relative}
.chart svg{touch-action:pan-y}
.curve{fill:none;stroke:var(--colour);stroke-width:2.2;stroke-linejoin:round}
.curve.near{stroke-width:4}
.name{fill:var(--colour);font-size:13px;font-weight:600;stroke:var(--page);stroke-width:4;
paint-order:stroke;pointer-events:none}
.prescription{stroke:var(--quiet);stroke-dasharray:2 4}
svg text.quiet{fill:var(--quiet);font-size:12.5px}
.filled{fill:var(--colour);stroke:var(--page)}
.hollow{fill:var(--page);stroke:var(--colour);stroke-width:2}
.ring{fill:none;stroke:var(--bad);stroke-width:2}
.marker{--colour:var(--ink);display:inline-block;width:26px;height:26px;flex:none}
.cursor{stroke:var(--ink);stroke-width:1;pointer-events:none}
.dot{stroke:var(--page);stroke-width:1.5;pointer-events:none}
.tip{position:absolute;padding:3px 9px;background:var(--ink);color:var(--page);border-radius:4px;
font-size:13px;pointer-events:none;white-space:nowrap}
.slider{display:flex;align-items:center;gap:10px;color:var(--quiet);font-size:13px;
margin:4px 2.4% 0 6.4%}
.slider output{color:var(--ink);min-width:5.5em;text-align:right}
input[type=range]{flex:1;min-width:0;margin:0;accent-color:var(--accent)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0;padding:0;list-style:none}
.legend li{display:flex;align-items:center}.legend .quiet{margin-left:6px}
.legend.column{flex-direction:column;align-items:stretch;gap:2px}
.legend.column li{gap:6px;justify-content:space-between}
.legend.column.quiet{margin-top:18px}
.legend.column.quiet li{justify-content:flex-start}
.legend .key{white-space:normal;overflow-wrap:anywhere}
button.key{padding:2px 4px;border:0;border-radius:4px;background:none;color:inherit;font:inherit;
text-align:left;cursor:pointer}
button.key:hover{background:var(--soft)}
button.key[aria-pressed=false]{text-decoration:line-through;color:var(--quiet)}
button.key[aria-pressed=false] .swatch{opacity:.3}
.maps{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:22px}
.pixels{image-rendering:pixelated}
.colour-bar{max-width:460px;margin-bottom:12px}
.line{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}
.end{fill:var(--accent)}
.orbit{fill:none;stroke:var(--line)}
.patient{fill:var(--soft);stroke:var(--line)}
.couch{stroke:var(--quiet);stroke-width:3}
.angles{max-width:560px;margin-top:18px}
.candidate{stroke:var(--quiet);stroke-width:1.4}
.chosen{stroke:var(--accent);stroke-width:2.6}
.source{fill:var(--accent);stroke:var(--page);stroke-width:1.5}
.angle{fill:var(--accent);font-weight:650}`;

const viewer = `
.viewer{color-scheme:dark;--page:#0b0d10;--ink:#e7eaee;--quiet:#a3acb8;--line:#363c45;
--soft:#22272e;--accent:#7ab8ff;padding:16px;border-radius:8px;background:#0b0d10;color:#e7eaee;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.stack{position:relative;overflow:hidden;background:#000}
.stack canvas{position:absolute;display:block}
.plane svg{overflow:hidden;background:#000}
.stack svg{position:relative;background:none;cursor:crosshair}
.plane figcaption{display:flex;justify-content:space-between}
.outline{fill:none;stroke:var(--colour);stroke-width:2.4;vector-effect:non-scaling-stroke;
stroke-linejoin:round}
.isodoses path{fill:none;stroke-width:1.4;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.isodoses text{font-size:.75em;font-weight:600;text-anchor:middle;dominant-baseline:central}
.isodoses text,.letters{stroke:#000;stroke-width:.22em;paint-order:stroke}
.letters{fill:#fff;font-weight:600;text-anchor:middle;dominant-baseline:central}
.isocentre{stroke:#fff;stroke-width:1.5;vector-effect:non-scaling-stroke}
.cross{stroke:#fff;stroke-opacity:.45;stroke-width:1;stroke-dasharray:4 4;
vector-effect:non-scaling-stroke;pointer-events:none}
.controls{display:flex;flex-wrap:wrap;gap:8px 18px;align-items:center;font-size:13px}
.controls:not(:empty){margin-bottom:14px}
.controls label{display:flex;align-items:center;gap:6px}
.controls input:not([type=checkbox]),.controls select,.controls button{padding:3px 7px;
border:1px solid #59626d;border-radius:4px;background:#1a1f25;color:inherit;font:inherit}
.controls input[type=number]{width:5.5em}.controls input.levels{width:20em}
.controls button{cursor:pointer}
.plane .slider{margin:6px 0 0}
.readout{min-height:1.5em;margin:12px 0;font-size:14px}
.legends{display:grid;gap:10px}`;

const narrow = `
@media screen and (max-width:860px){body{padding:16px}
.planes,.dvh{grid-template-columns:minmax(0,1fr)}.maps{grid-template-columns:1fr 1fr}}`;

const paper = `
@media print{
:root{color-scheme:light}
@page{size:A4;margin:14mm}
body{max-width:none;padding:0;font-size:10.5pt}
nav,.controls,.slider,.readout,.tip,.cursor,.dot,.cross,details:not([open]){display:none}
.dvh{grid-template-columns:minmax(0,1fr) 150px}
h2{margin-top:24px;break-after:avoid}
section{break-inside:auto}.dvh,.viewer,.pair>*,tr{break-inside:avoid}
.scroll{overflow:visible}
th,td{padding:3px 5px;font-size:9pt}
.maps{grid-template-columns:repeat(3,1fr)}
img,image,.filled,.share{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;
