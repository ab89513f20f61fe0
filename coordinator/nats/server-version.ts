/** The oldest nats-server that this works with: it reads streams in batches and can sync always. */
export const NEEDED = '2.12.0';

export function isNewEnough(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
