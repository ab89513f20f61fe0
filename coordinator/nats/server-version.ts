/**
 * The oldest nats-server that the tests pass with. 2.12.1 left an append without an answer now and
 * then, for as long as anybody waited, and did not take again a blob that had been damaged.
 */
export const NEEDED = '2.14.0';

export function isNewEnough(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}
