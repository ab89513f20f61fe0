import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../scheduling/index.js';
import { StoreError } from '../store/index.js';
import { Answers } from './answers.js';

describe('an error', () => {
  it('of the coordinator’s own is told to it, and not to who calls', async () => {
    const told: unknown[] = [];
    const answers = new Answers((error) => told.push(error));
    const error = new TypeError('no such field in /var/lib/isola');
    const refused = await new Promise((resolve) => {
      answers.once(resolve, () => {
        throw error;
      });
    });
    expect(refused).toMatchObject({ code: status.INTERNAL, details: 'internal error' });
    expect(told).toEqual([error]);
    answers.refusal(new Refusal('not-found', 'there is no such blob'));
    answers.refusal(new StoreError('full', 'no space is left'));
    expect(told).toEqual([error]);
  });
});
