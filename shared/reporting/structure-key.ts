import { html, type Markup } from './html.js';
import { structureClass, structureDash } from './palette.js';

/**
 * A structure's name led by a piece of its curve. The script makes it a switch that shows or hides
 * everything with the same `data-structure`.
 * @param index place in `ReportInput.structures`; negative for a name that is not among them
 */
export function structureKey(index: number, name: string): Markup {
  if (index < 0) return html`<span>${name}</span>`;
  return html`<span class="key ${structureClass(index)}" data-key="${index}"><svg class="swatch"
 viewBox="0 0 28 8" aria-hidden="true"><line x1="0" x2="28" y1="4" y2="4"
 stroke-dasharray="${structureDash(index)}"/></svg>${name}</span>`;
}
