/** Bugs in how events are kept. */
import { Dispatcher } from '@isola/coordinator/scheduling';
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
  wrongMethod('events are applied before they are written', Dispatcher, 'append', () => {
    return async function (event) {
      const version = this.book.version;
      this.book.apply(event);
      await this.store.append(event, version).catch((error: Error & { problem: string }) => {
        if (error.problem === 'conflict') this.depose();
        else this.paused = error.message;
        throw error;
      });
      if (event.type !== 'LeaderElected') this.tell(event.job);
    };
  }),
  wrongMethod('a full store is taken for one that has kept it', Dispatcher, 'append', (right) => {
    return function (event) {
      return right.call(this, event).catch((error: { problem?: string }) => {
        if (error.problem !== 'full') throw error;
        this.paused = null;
        this.book.apply(event);
      });
    };
  }),
  wrongMethod('a deposed leader writes on', Dispatcher, 'append', (right) => {
    return async function (event) {
      const events = await this.store.load();
      const version = this.book.version;
      if (event.type === 'LeaderElected' || events.length === version)
        return right.call(this, event);
      await this.store.append(event, events.length);
      this.book.apply(event);
    };
  }),
];
