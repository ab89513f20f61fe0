const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** `isola up` starts its parts with a channel, which closes however it ends. */
const isPart = process.connected;

/**
 * Until SIGTERM or Ctrl+C, or until the `isola up` that started this process is gone. The next
 * signal, whichever it is, ends the process at once.
 */
export function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    const told = () => {
      for (const signal of SIGNALS) process.removeListener(signal, told);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, told);
    if (!isPart) return;
    process.once('disconnect', told);
    // Nothing else is to wait for it.
    process.channel?.unref();
    if (!process.connected) told();
  });
}
