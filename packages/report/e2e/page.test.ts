import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath, openBrowser, type TestBrowser } from '@modelops/testkit/browser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../src/render-report.ts';
import { type MadeReport, makeReport } from '../src/testing/made-report.ts';

if (chromiumPath === undefined)
  console.warn('tests of the report in a browser are skipped: Chromium is not installed (apt-get install chromium)');

describe.skipIf(chromiumPath === undefined)('the page of a report in Chromium', () => {
  let browser: TestBrowser;
  let dir: string;
  let pages = 0;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'modelops-report-'));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const pageOf = (made: MadeReport) => {
    const file = join(dir, `${pages++}.html`);
    writeFileSync(file, renderReport(makeReport(made)).html);
    return file;
  };

  it.each([
    [{ sets: 60, parameters: 5 }, 1280, 'light'],
    [{ sets: 60, parameters: 5 }, 400, 'dark'],
    [{ sets: 12, parameters: 20, targets: ['prevalence', 'deaths'], jobs: 2 }, 400, 'light'],
    [{ sets: 450, parameters: 3 }, 1280, 'dark'],
    [{ sets: 30, parameters: 1 }, 1280, 'light'],
    [{ sets: 10, parameters: 2, targets: [] }, 1280, 'dark'],
    [{ sets: 12, parameters: 20, jobs: 2, isGrouped: true, hasLongNames: true }, 400, 'dark'],
    [{ sets: 60, parameters: 5, jobs: 2, hasLongNames: true }, 1280, 'light'],
    [{ sets: 40, parameters: 3, isFailed: true, causes: 3_000 }, 400, 'light'],
    [{ sets: 1, parameters: 2 }, 1280, 'dark'],
  ] as const)(
    'breaks no rule of axe-core, prints and requests nothing, and fits its width: %o, %i pixels, %s',
    async (made, width, colorScheme) => {
      const { page, errors, requests, violations } = await browser.open(pageOf(made), { width, colorScheme });
      expect(await violations()).toEqual([]);
      expect([errors, requests]).toEqual([[], []]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.close();
    },
  );

  it('names the values of a set at its dot, in the plot of the loss against a parameter', async () => {
    const made = { sets: 60, parameters: 3 };
    const { page } = await browser.open(pageOf(made));
    const panel = page.locator('[data-plot="prevalence-loss-beta"]');
    expect(await panel.locator('circle').count()).toBe(58);
    expect(await panel.getByRole('img').getAttribute('aria-label')).toMatch(
      /^Loss for prevalence against beta\. 58 parameter sets\. The lowest is /,
    );
    expect(await panel.locator('text').allTextContents()).toEqual(expect.arrayContaining(['loss', 'beta (1/day)', '0.6', '1']));
    await panel.locator('circle.best').hover();
    const { table } = makeReport(made);
    const { losses } = table.targets[0]!;
    const best = losses.reduce((low, loss, row) => (loss < (losses[low] ?? Number.NaN) || Number.isNaN(losses[low]!) ? row : low), 0);
    const short = (value: number) => Number(value.toPrecision(5));
    const tip = (await page.locator('#tip').textContent())!;
    expect(tip.split('\n')).toEqual(
      expect.arrayContaining([`beta: ${short(table.parameters[0]!.values[best]!)}`, `loss: ${short(losses[best]!)}`]),
    );
    await page.close();
  });

  it('shows the tooltips of a plot by keyboard, in the order of each axis', async () => {
    const made = { sets: 60, parameters: 2 };
    const { page, violations } = await browser.open(pageOf(made));
    const isAt = "document.activeElement.closest('[data-plot=prevalence-loss-beta]') !== null";
    for (let tabs = 0; !(await page.evaluate(isAt)); tabs++) {
      expect(tabs).toBeLessThan(100);
      await page.keyboard.press('Tab');
    }
    const { parameters, targets } = makeReport(made).table;
    const sets = Array.from(targets[0]!.losses, (loss, row) => ({ beta: parameters[0]!.values[row]!, loss })).filter(
      ({ loss }) => !Number.isNaN(loss),
    );
    const byBeta = [...sets].sort((a, b) => a.beta - b.beta);
    const byLoss = [...sets].sort((a, b) => b.loss - a.loss);
    const short = (value: number) => Number(value.toPrecision(5));
    const shown = async () =>
      (await page.locator('#tip').isVisible()) ? ((await page.locator('#tip').textContent()) ?? '').split('\n') : [];
    const expectSet = async (set: (typeof sets)[number] | undefined) =>
      expect(await shown()).toEqual(expect.arrayContaining([`beta: ${short(set!.beta)}`, `loss: ${short(set!.loss)}`]));
    await expectSet(byBeta[0]);
    expect(await violations()).toEqual([]);
    await page.keyboard.press('ArrowRight');
    await expectSet(byBeta[1]);
    expect(await page.locator('#status').textContent()).toBe(await page.locator('#tip').textContent());
    await page.keyboard.press('End');
    await expectSet(byBeta.at(-1));
    await page.keyboard.press('ArrowRight');
    await expectSet(byBeta.at(-1));
    await page.keyboard.press('ArrowDown');
    await expectSet(byLoss[byLoss.indexOf(byBeta.at(-1)!) + 1]);
    await page.keyboard.press('Escape');
    expect(await shown()).toEqual([]);
    await page.keyboard.press('Home');
    await expectSet(byBeta[0]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(isAt)).toBe(false);
    expect(await page.locator('[data-plot=prevalence-loss-beta] .at').count()).toBe(0);
    await page.close();
  });

  it('shows each observed point beside the quantiles of the replicates', async () => {
    const { page } = await browser.open(pageOf({ sets: 60, parameters: 3 }));
    const plot = page.locator('[data-plot="prevalence-observed-1"]');
    expect(await plot.locator('.observed circle').count()).toBe(40);
    await plot.locator('.observed circle').nth(20).hover();
    expect(await page.locator('#tip').textContent()).toBe('day 20: observed 9,180, simulated 9,000 (6,300 to 11,700)');
    await page.close();
  });

  it('copies the parameters of a set and the table, and changes between light and dark', async () => {
    const { page } = await browser.open(pageOf({ sets: 60, parameters: 2 }));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const clipboard = () => page.evaluate('navigator.clipboard.readText()') as Promise<string>;
    await page.getByRole('button', { name: 'Copy the parameters of set 1', exact: true }).click();
    expect(Object.keys(JSON.parse(await clipboard()))).toEqual(['beta', 'gamma']);
    await page.locator('#copy-csv').click();
    const lines = (await clipboard()).split('\n');
    expect([lines[0], lines.length]).toEqual(['param_id,beta,gamma,loss', 61]);
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const before = await background();
    await page.getByRole('button', { name: 'Light or dark' }).click();
    expect(await background()).not.toBe(before);
    await page.close();
  });

  it('of 100,000 sets uses less than 150 MB of heap', async () => {
    const { page } = await browser.open(pageOf({ sets: 100_000, parameters: 10 }));
    expect(await page.evaluate('performance.memory.usedJSHeapSize')).toBeLessThan(150e6);
    await page.close();
  });
});
