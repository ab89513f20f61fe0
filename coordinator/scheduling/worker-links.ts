import type { JobId } from '../jobs/index.js';
import type { CellProgress, Order, WorkerLink } from './orders.js';

/** A worker and how far it has come with a cell. */
export interface Activity {
  readonly worker: string;
  readonly progress: CellProgress;
}

/** The ways to the workers that are attached, and what was last heard on them. */
export class WorkerLinks {
  private readonly links = new Map<string, WorkerLink>();
  private readonly instances = new Map<string, string>();
  private readonly progress = new Map<string, readonly CellProgress[]>();

  has(name: string): boolean {
    return this.links.has(name);
  }

  get(name: string): WorkerLink | undefined {
    return this.links.get(name);
  }

  /** A worker has dialled; the way that it came before is closed. */
  open(name: string, link: WorkerLink, instance = ''): void {
    this.links.get(name)?.close();
    this.links.set(name, link);
    this.instances.set(name, instance);
  }

  /** Whether another process has the name; those who do not say who they are have none for long. */
  isTaken(name: string, instance: string): boolean {
    if (!this.links.has(name) || instance === '') return false;
    const known = this.instances.get(name);
    return known !== '' && known !== instance;
  }

  /** A way is gone; false where the worker has come another one since. */
  drop(name: string, link: WorkerLink): boolean {
    if (this.links.get(name) !== link) return false;
    this.links.delete(name);
    this.instances.delete(name);
    this.progress.delete(name);
    return true;
  }

  send(name: string, order: Order): void {
    this.links.get(name)?.send(order);
  }

  heard(name: string, cells: readonly CellProgress[]): void {
    this.progress.set(name, cells);
  }

  activities(job: JobId): Activity[] {
    return [...this.progress].flatMap(([worker, cells]) =>
      cells.flatMap((progress) => (progress.cell.job === job ? [{ worker, progress }] : [])),
    );
  }

  closeAll(): void {
    for (const link of this.links.values()) link.close();
    this.links.clear();
    this.instances.clear();
  }
}
