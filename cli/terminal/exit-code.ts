/** What the exit codes of every command mean. */
export const EXIT = {
  done: 0,
  failed: 1,
  badInput: 2,
  goalsUnmet: 3,
  unreachable: 4,
  notFound: 5,
  cancelled: 130,
} as const;
