import type { CellAccepted } from './job-event.js';

/**
 * Alarm: one cell, two results. Cells are pure, so a worker computes wrongly, or two that should be
 * alike are not. The job must not go on until it is known which.
 */
export class ResultMismatch extends Error {
  override readonly name = 'ResultMismatch';
  constructor(
    readonly accepted: CellAccepted,
    readonly other: CellAccepted,
    key: 'state' | 'emigrants' | 'value' | 'evaluations',
  ) {
    const { island, epoch } = accepted;
    const what = `${key} ${accepted[key]} was accepted, now it is ${other[key]}`;
    super(
      `island ${island}, epoch ${epoch} has two results: ${what}; ` +
        'check the memory and processor of this computer, and that nothing was changed since',
    );
  }
}
