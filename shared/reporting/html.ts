/**
 * HTML that is escaped by construction: every value put into an `html` template is escaped unless
 * it is itself the result of one. Attribute values must stand in double quotes.
 */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = string | number | Markup | readonly Markup[] | null;

/** Template tag; `null` gives nothing, a list of markup is joined by newlines. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = literals[0];
  for (let i = 0; i < parts.length; i++) text += rendered(parts[i]) + literals[i + 1];
  return new Markup(text);
}

/** A value as text of an `application/json` script block: no `<`, so nothing can end the block. */
export function jsonMarkup(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

/** Text that is safe between tags and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function rendered(part: Part): string {
  if (part === null) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map((each) => each.text).join('\n');
  return escapeHtml(String(part));
}
