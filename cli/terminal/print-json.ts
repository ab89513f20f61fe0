/** Prints a result as the one JSON object that `--json` promises. */
export function printJson(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
