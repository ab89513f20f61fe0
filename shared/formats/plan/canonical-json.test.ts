import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

it('gives one text for one meaning', () => {
  const text = '{"a":[1,{"x":0,"y":"é"}],"b":2.5}';
  expect(canonicalJson({ b: 2.5, a: [1, { y: 'é', x: -0 }] })).toBe(text);
  expect(canonicalJson(JSON.parse(text))).toBe(text);
});

it('keeps the order of lists', () => {
  expect(canonicalJson([3, 1, 2])).toBe('[3,1,2]');
});
