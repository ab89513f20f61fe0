/** Seconds that each named phase takes; a phase ends where another begins. */
export class PhaseClock {
  private readonly spentMs = new Map<string, number>();
  private current: string | null = null;
  private sinceMs = performance.now();

  /** The phase that is going on from now; null: none. */
  show(phase: string | null): void {
    if (phase === this.current) return;
    const nowMs = performance.now();
    if (this.current !== null) {
      const before = this.spentMs.get(this.current) ?? 0;
      this.spentMs.set(this.current, before + nowMs - this.sinceMs);
    }
    this.current = phase;
    this.sinceMs = nowMs;
  }

  /** Of a phase, but for the part of it that is still going on. */
  seconds(phase: string): number {
    return (this.spentMs.get(phase) ?? 0) / 1000;
  }

  /** Of all phases. */
  totalSeconds(): number {
    return [...this.spentMs.values()].reduce((sum, ms) => sum + ms, 0) / 1000;
  }
}
