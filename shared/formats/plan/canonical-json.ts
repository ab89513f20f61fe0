/**
 * JSON with one form for one meaning: keys in code unit order, no white space, -0 as 0. Equal plans
 * give equal bytes, whatever the order of their keys or the defaults they left out, so a hash of
 * this text names the plan. The text is a valid plan file.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
