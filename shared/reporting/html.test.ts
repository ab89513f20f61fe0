import { describe, expect, it } from 'vitest';
import { html, jsonMarkup } from './html.js';

describe('html', () => {
  it('escapes every value that is not markup', () => {
    const hostile = `"><script>alert('x')</script>&`;
    const { text } = html`<p title="${hostile}">${hostile}</p>`;
    expect(text.match(/[<>]/g)).toHaveLength(4);
    expect(text.match(/"/g)).toHaveLength(2);
    expect(text).not.toContain("'");
    expect(text).not.toMatch(/&(?!#\d+;)/);
  });

  it('keeps nested markup, joins lists, leaves null out', () => {
    const items = ['a', '<'].map((each) => html`<li>${each}</li>`);
    expect(html`<ul>${items}</ul>${null}`.text).toBe('<ul><li>a</li>\n<li>&#60;</li></ul>');
  });
});

describe('jsonMarkup', () => {
  it('cannot end its script block and still means the same', () => {
    const value = { name: '</script><!-- <script>' };
    const { text } = jsonMarkup(value);
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toEqual(value);
  });
});
