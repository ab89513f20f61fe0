import { status } from '@grpc/grpc-js';
import { InputError } from '@isola/optimizers/problem';
import { describe, expect, it } from 'vitest';
import { RETRY_AFTER, RpcProblem, toStatus } from './rpc-error.js';

describe('what a caller is told', () => {
  it('is our refusal, and when to try again', () => {
    const told = toStatus(new RpcProblem('RESOURCE_EXHAUSTED', 'the queue is full', 1500.2));
    expect(told).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'the queue is full' });
    expect(told.metadata.get(RETRY_AFTER)).toEqual(['1501']);
    expect(toStatus(new RpcProblem('NOT_FOUND', 'no such job')).metadata.toJSON()).toEqual({});
  });

  it('is what is wrong with its own input', () => {
    const told = toStatus(new InputError('plan.yaml:3:5', '"Rektum" is no structure'));
    expect(told.code).toBe(status.INVALID_ARGUMENT);
    expect(told.details).toBe('plan.yaml:3:5: "Rektum" is no structure');
  });

  it('is nothing of any other error', () => {
    const disguised = Object.assign(new Error('DOE^JANE'), {
      ...{ code: status.NOT_FOUND, details: 'DOE^JANE', name: 'RpcProblem' },
    });
    const errors = [new TypeError('DOE^JANE'), disguised, 'DOE^JANE', null, undefined];
    for (const error of errors) {
      expect(toStatus(error)).toMatchObject({ code: status.INTERNAL, details: 'internal error' });
    }
  });

  it('fits into a header', () => {
    const { details } = toStatus(
      new RpcProblem('NOT_FOUND', `${'a'.repeat(999)}😀${'b'.repeat(1e6)}`),
    );
    expect(details.length).toBe(1000);
    expect(() => encodeURI(details)).not.toThrow();
  });
});
