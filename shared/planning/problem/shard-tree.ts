/**
 * The order in which what shards say is merged: a binary tree over their numbers, fixed by how many
 * there are. A part of the tree can be merged wherever its shards are, and sums have the same bits.
 * Numbers whose sums are exact need no order: there any shards that follow one another make a part.
 */

/** Shards [from, to): any that follow one another, or all leaves below a node of the tree. */
export interface ShardRange {
  readonly from: number;
  readonly to: number;
}

/** What the shards of a range say together. */
export interface ShardAnswer extends ShardRange {
  readonly numbers: Float64Array;
}

export type Merge = (one: Float64Array, other: Float64Array) => Float64Array;

/** Where the two halves of a node meet. */
function middleOf({ from, to }: ShardRange): number {
  return Math.floor((from + to) / 2);
}

/** Merges what the shards of a range say, halves of it first. */
export async function mergedLeaves(
  { from, to }: ShardRange,
  leaf: (shard: number) => Promise<Float64Array>,
  merge: Merge,
): Promise<Float64Array> {
  if (to - from === 1) return leaf(from);
  const middle = middleOf({ from, to });
  const one = await mergedLeaves({ from, to: middle }, leaf, merge);
  return merge(one, await mergedLeaves({ from: middle, to }, leaf, merge));
}

/** Merges answers of nodes up to a node; null where something is missing below it. */
export function mergedNodes(
  node: ShardRange,
  answers: readonly ShardAnswer[],
  merge: Merge,
): Float64Array | null {
  const { from, to } = node;
  const own = answers.find((answer) => answer.from === from && answer.to === to);
  if (own !== undefined) return own.numbers;
  if (to - from === 1) return null;
  const middle = middleOf(node);
  const one = mergedNodes({ from, to: middle }, answers, merge);
  if (one === null) return null;
  const other = mergedNodes({ from: middle, to }, answers, merge);
  return other === null ? null : merge(one, other);
}

/** Merges answers that follow one another from shard to shard; null where one is missing. */
export function mergedRanges(
  { from, to }: ShardRange,
  answers: readonly ShardAnswer[],
  merge: Merge,
): Float64Array | null {
  let merged: Float64Array | null = null;
  for (let at = from; at < to; ) {
    const next = answers.find((answer) => answer.from === at);
    if (next === undefined) return null;
    merged = merged === null ? next.numbers : merge(merged, next.numbers);
    at = next.to;
  }
  return merged;
}

/** The fewest nodes of a tree over `count` shards whose leaves are `range`, from left to right. */
export function nodesOf(range: ShardRange, count: number): ShardRange[] {
  const below = (node: ShardRange): ShardRange[] => {
    if (node.to <= range.from || node.from >= range.to) return [];
    if (node.from >= range.from && node.to <= range.to) return [node];
    const middle = middleOf(node);
    return [...below({ from: node.from, to: middle }), ...below({ from: middle, to: node.to })];
  };
  return below({ from: 0, to: count });
}
