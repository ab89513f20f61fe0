/** Bugs in what follows from what: which cells there are, made of what, when it is over. */
import { Job } from '@isola/coordinator/jobs';
import { Dispatcher } from '@isola/coordinator/scheduling';
import { type PlantedBug, wrongMethod } from './planted-bug.js';

export const jobBugs: readonly PlantedBug[] = [
  wrongMethod('every result is news', Job, 'isNew', () => () => true),
  wrongMethod('immigrants come in the wrong order', Job, 'taskOf', (right) => {
    return function (place) {
      const task = right.call(this, place);
      return task && { ...task, immigrants: [...task.immigrants].reverse() };
    };
  }),
  wrongMethod('an epoch is sealed without its last island', Job, 'due', (right) => {
    return function () {
      const sealed = this.trace.length;
      const cells = this.accepted.flatMap((ofIsland: object[]) => ofIsland[sealed] ?? []);
      const isAlmost = cells.length > 0 && cells.length === this.accepted.length - 1;
      if (this.done !== null || this.isSearched || !isAlmost) return right.call(this);
      const { island, epoch, value } = this.bestOf(cells);
      return { type: 'EpochSealed', epoch: sealed, best: { island, epoch }, value };
    };
  }),
  {
    name: 'a job is done before its last epoch',
    plant() {
      const right = Object.getOwnPropertyDescriptor(Job.prototype, 'isSearched');
      Object.defineProperty(Job.prototype, 'isSearched', {
        configurable: true,
        get(this: Job) {
          return right?.get?.call(this) || this.trace.length === this.spec.epochs - 1;
        },
      });
      return () => void Object.defineProperty(Job.prototype, 'isSearched', right ?? {});
    },
  },
  wrongMethod('a job is done before its audit', Job, 'auditsDue', () => () => []),
  wrongMethod('an audit agrees with whatever it finds', Job, 'isNew', (right) => {
    return function (result) {
      const known = this.resultOf(result);
      return right.call(this, known ? { ...known, input: result.input } : result);
    };
  }),
  wrongMethod('the best is the last', Job, 'bestOf', () => (cells) => cells.at(-1)),
  wrongMethod('a result is sent to the user before it is made', Job, 'endReason', (right) => {
    return function () {
      const isOver = this.quarantined === null && this.isSearched && this.cancelled === 0;
      return isOver ? (this.isReached ? 'target-reached' : 'epochs-done') : right.call(this);
    };
  }),
  wrongMethod('a key submitted again is another job', Dispatcher, 'submit', (right) => {
    let attempts = 0;
    return function (submission) {
      this.book.byKey.clear();
      const jobHash = `${submission.spec.jobHash} ${attempts++}`;
      return right.call(this, { ...submission, spec: { ...submission.spec, jobHash } });
    };
  }),
];
