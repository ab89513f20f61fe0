/** Bugs in how events are kept. */
import { Ledger } from '@isola/coordinator/scheduling';
import { LogServer } from '../storage/index.js';
import { type PlantedBug, wrongMethod } from './planted-bug.js';

export const storeBugs: readonly PlantedBug[] = [
  wrongMethod('the expected version is ignored', LogServer, 'checkVersion', () => () => {}),
  wrongMethod('an acknowledged event is lost now and then', LogServer, 'keep', (right) => {
    let kept = 0;
    return function (text) {
      if (++kept % 17 !== 0) right.call(this, text);
    };
  }),
  wrongMethod('events are applied before they are written', Ledger, 'append', () => {
    return async function (events) {
      const { version } = this.book;
      for (const event of events) this.apply(event);
      const begun = events.map((event: object, i: number) => this.store.append(event, version + i));
      for (const kept of begun) {
        await kept.catch((error: unknown) => {
          throw this.refusal(error);
        });
      }
    };
  }),
  wrongMethod('a full store is taken for one that has kept it', Ledger, 'append', (right) => {
    return function (events) {
      return right.call(this, events).catch((error: { problem?: string }) => {
        if (error.problem !== 'full') throw error;
        this.paused = null;
        for (const event of events) this.apply(event);
      });
    };
  }),
  wrongMethod('all that were sent together count if one was kept', Ledger, 'append', () => {
    return async function (events) {
      const { version } = this.book;
      const begun = events.map((event: object, i: number) => this.store.append(event, version + i));
      const outcomes = await Promise.allSettled(begun);
      const [first] = outcomes;
      if (first?.status === 'rejected') throw this.refusal(first.reason);
      for (const event of events) this.apply(event);
    };
  }),
  wrongMethod('a deposed leader writes on', Ledger, 'append', (right) => {
    return async function (events) {
      const { length } = await this.store.load();
      const [{ type }] = events.length > 0 ? events : [{ type: '' }];
      if (type === 'LeaderElected' || length === this.book.version) return right.call(this, events);
      for (const [i, event] of events.entries()) {
        await this.store.append(event, length + i);
        this.book.apply(event);
      }
    };
  }),
];
