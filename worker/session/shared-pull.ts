/** Whoever waits for something; once it is revoked it does not any more. */
export interface Need {
  readonly isRevoked: boolean;
}

/** A blob on its way to several: it is given up when none of them needs it any more. */
export class SharedPull {
  readonly bytes: Promise<Uint8Array>;
  private readonly needs: Need[];

  constructor(first: Need, fetch: (all: Need) => Promise<Uint8Array>) {
    const needs = [first];
    this.needs = needs;
    this.bytes = fetch({
      get isRevoked() {
        return needs.every(({ isRevoked }) => isRevoked);
      },
    });
  }

  joinedBy(need: Need): Promise<Uint8Array> {
    this.needs.push(need);
    return this.bytes;
  }
}
