/**
 * The order in which what shards say is merged: a binary tree over their numbers, fixed by how many
 * there are. A part of the tree can be merged wherever its shards are, and sums have the same bits.
 */

/** Shards [from, to): the leaves below one node of the tree. */
export interface ShardRange {
  readonly from: number;
  readonly to: number;
}

/** Where the two halves of a node meet. */
function middleOf({ from, to }: ShardRange): number {
  return (from + to) / 2;
}

/** Merges the leaves of a node, or of the whole tree. */
export async function mergedLeaves<T>(
  { from, to }: ShardRange,
  leaf: (shard: number) => Promise<T>,
  merge: (one: T, other: T) => T,
): Promise<T> {
  if (to - from === 1) return leaf(from);
  const middle = middleOf({ from, to });
  const one = await mergedLeaves({ from, to: middle }, leaf, merge);
  return merge(one, await mergedLeaves({ from: middle, to }, leaf, merge));
}

/** Merges what is known of nodes up to a node; null where something is missing below it. */
export function mergedNodes<T>(
  node: ShardRange,
  known: (node: ShardRange) => T | undefined,
  merge: (one: T, other: T) => T,
): T | null {
  const own = known(node);
  if (own !== undefined) return own;
  if (node.to - node.from === 1) return null;
  const middle = middleOf(node);
  const one = mergedNodes({ from: node.from, to: middle }, known, merge);
  if (one === null) return null;
  const other = mergedNodes({ from: middle, to: node.to }, known, merge);
  return other === null ? null : merge(one, other);
}

/** Names a node. */
export function nodeKey({ from, to }: ShardRange): string {
  return `${from}-${to}`;
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
