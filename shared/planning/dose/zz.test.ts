import { expect, it } from 'vitest';
it('x', async () => {
  console.log(import.meta.url, typeof import.meta.resolve);
  try { console.log(import.meta.resolve('@isola/kernels/thread')); } catch (e) { console.log(String(e)); }
  try { console.log(import.meta.resolve('@isola/planning/dose')); } catch (e) { console.log(String(e)); }
  try { const m = await import(new URL('./thread.js', import.meta.url).href); console.log(Object.keys(m)); } catch (e) { console.log(String(e)); }
  const { inlineExecutor } = await import('@isola/kernels/backends');
  try { await inlineExecutor().run(new URL('./thread.js', import.meta.url).href, 'nothing', 0); } catch (e) { console.log(String(e)); }
  expect(1).toBe(1);
});
