/** Anything with a cost. */
export interface Valued {
  readonly value: number;
}

/** Indices by rising cost; equal ones in their order. */
export function ranking(individuals: readonly Valued[]): number[] {
  const value = (index: number) => individuals[index].value;
  return individuals
    .map((_, index) => index)
    .sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a - b));
}
