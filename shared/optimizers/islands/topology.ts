/** Who sends to whom. */
export interface Topology {
  readonly name: string;
  /** The islands whose emigrants reach `island`, ascending, out of 0 to `islands` - 1. */
  inNeighbours(island: number, islands: number): number[];
  /** Which of those that reach an island may go on land: each, or the one best of them. */
  readonly admits: 'all' | 'best';
}
