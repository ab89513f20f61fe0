/** Threads: cells computed beside the thread that talks to the coordinator. */
export * from './cell-computer.js';
export * from './cell-job.js';
