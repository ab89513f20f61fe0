/** Times the phases of a command: `lap` ends the phase that runs and names it. */
export function stopwatch() {
  let startedMs = performance.now();
  const laps: { phase: string; seconds: number }[] = [];
  return {
    lap: (phase: string) => {
      const nowMs = performance.now();
      laps.push({ phase, seconds: (nowMs - startedMs) / 1000 });
      startedMs = nowMs;
    },
    laps,
  };
}
