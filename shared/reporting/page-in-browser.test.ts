import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from './page.js';
import { syntheticReport } from './synthetic-report.js';

/** What the tests ask of an SVG path in the page. */
interface Curve {
  getTotalLength(): number;
  getPointAtLength(length: number): { matrixTransform(by: unknown): { x: number; y: number } };
  getScreenCTM(): unknown;
  getBBox(): { x: number; y: number; width: number; height: number };
}

const executablePath = '/usr/bin/chromium';

describe.skipIf(!existsSync(executablePath))('the report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const file = join(folder, 'report.html');
  let browser: Browser;
  const errors: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    writeFileSync(file, renderReport(syntheticReport(48)));
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function opened(): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('.stack');
    return page;
  }

  it('runs under its own policy without errors and loads nothing', async () => {
    const page = await opened();
    expect(errors).toEqual([]);
    expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
    await page.close();
  });

  it('reads dose and volume off the curve under the pointer', async () => {
    const page = await opened();
    const chart = page.locator('#dvh-chart svg');
    await chart.scrollIntoViewIfNeeded();
    const at = await page
      .locator('.curve')
      .first()
      .evaluate((path: Curve) => {
        const point = path.getPointAtLength(path.getTotalLength() * 0.8);
        const { x, y } = point.matrixTransform(path.getScreenCTM());
        return { x, y };
      });
    await page.mouse.move(at.x, at.y);
    expect(await page.locator('.tip').textContent()).toMatch(/^Target: 5\d\.\d\d Gy, \d+\.\d %$/);
    expect(await page.locator('.at-cursor').first().textContent()).toMatch(/^\d+\.\d %$/);
    await page.close();
  });

  it('hides a structure in chart and slices by any of its keys', async () => {
    const page = await opened();
    const parts = await page.locator('[data-structure="1"]').count();
    await page.locator('#slices [data-key="1"]').click();
    expect(await page.locator('[data-structure="1"][hidden]').count()).toBe(parts);
    await page.locator('#dvh [data-key="1"]').click();
    expect(await page.locator('[data-structure="1"][hidden]').count()).toBe(0);
    await page.close();
  });

  it('leafs by wheel and arrow keys, and moves the other planes by a click', async () => {
    const page = await opened();
    const places = () => page.locator('.plane .at').allTextContents();
    const start = await places();
    const image = page.locator('.plane svg').first();
    await image.scrollIntoViewIfNeeded();
    await image.hover();
    await page.mouse.wheel(0, 120);
    await expect.poll(async () => (await places())[0]).not.toBe(start[0]);
    await page.locator('.plane input[type=range]').nth(2).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await places())[2]).not.toBe(start[2]);
    await image.click({ position: { x: 100, y: 100 } });
    await expect.poll(async () => (await places())[1]).not.toBe(start[1]);
    await page.click('text=Go to isocentre');
    await expect.poll(places).toEqual(start);
    await page.close();
  });

  it('draws the lines that stand in the page without a script', async () => {
    const page = await opened();
    const boxes = (each: Page) =>
      each.$$eval('.isodoses path', (paths) =>
        paths.map((path) => {
          const { x, y, width, height } = (path as unknown as Curve).getBBox();
          return [x, y, width, height];
        }),
      );
    const context = await browser.newContext({ javaScriptEnabled: false });
    const still = await context.newPage();
    await still.goto(pathToFileURL(file).href);
    const [drawn, printed] = [(await boxes(page)).flat(), (await boxes(still)).flat()];
    expect(drawn).toHaveLength(3 * 9 * 4);
    drawn.forEach((valueMm, i) => {
      expect(Math.abs(valueMm - printed[i])).toBeLessThan(0.5);
    });
    await context.close();
    await page.close();
  });
});
