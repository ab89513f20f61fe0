/** Numbers as readers of a report want them; what is not a finite number becomes a dash. */

/** With a fixed number of decimals. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(decimals);
  return signed(Number(text) === 0 ? text.replace('-', '') : text);
}

/** With about four significant digits, and a power of ten only where it is needed. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return signed(value.toExponential(2).replace('e+', 'e'));
  }
  return signed(String(Number(value.toPrecision(Math.max(4, Math.ceil(Math.log10(size + 1)))))));
}

/** With a true minus sign. */
function signed(text: string): string {
  return text.replaceAll('-', '−');
}
