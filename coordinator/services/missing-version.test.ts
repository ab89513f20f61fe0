import { describe, expect, it } from 'vitest';
import { attach, lead, submit } from '../scheduling/toy-desk.js';
import { missingVersion } from './wire-job.js';

describe('a job of a version that no worker has', () => {
  it('says which one it waits for, until a worker of it comes', async () => {
    const desk = await lead();
    const { dispatcher } = desk;
    const { job } = await submit(desk);
    const waitsFor = () => {
      const booked = dispatcher.book.find(job);
      return booked && missingVersion(booked.job, dispatcher.leases);
    };
    expect(waitsFor()).toBe('k1');
    const other = { name: 'new', kernelVersion: 'k2', slots: 1, running: [] };
    dispatcher.attach(other, { send: () => {}, close: () => {} });
    expect(waitsFor()).toBe('k1');
    attach(desk, 'old', 1);
    expect(waitsFor()).toBeNull();
  });
});
