import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Whose processes wait a lot, longest first. */
const LONG = ['/faults/slow-faults.', '/faults/', '/cli/'];

/** Tests that take minutes come first, so that none goes on when all others are done. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((part) => moduleId.includes(part));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
