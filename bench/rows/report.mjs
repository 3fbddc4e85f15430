import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../project.mjs';
import { importSource } from '../source.mjs';
import { median } from '../timing.mjs';

const [SETS, PARAMETERS] = [100_000, 10];
const CHROMIUM = '/usr/bin/chromium';

/** A report of 100,000 sets of 10 parameters: its size and the time to make it, then the first paint and heap of the page in Chromium, median of five. */
export async function measure() {
  const { renderReport } = await importSource('packages/report/src/render-report.ts');
  const { makeReport } = await importSource('packages/report/src/testing/made-report.ts');
  const data = makeReport({ sets: SETS, parameters: PARAMETERS });
  const before = performance.now();
  const { html } = renderReport(data);
  const seconds = (performance.now() - before) / 1000;
  const dir = mkdtempSync(join(tmpdir(), 'modelops-bench-'));
  try {
    const file = join(dir, 'report.html');
    writeFileSync(file, html);
    const { paint, heap } = await inBrowser(pathToFileURL(file).href);
    const what = `report of ${SETS.toLocaleString('en')} sets × ${PARAMETERS} parameters`;
    return [
      {
        what: `${what}, size`,
        value: Buffer.byteLength(html) / 1e6,
        unit: 'MB',
        aim: 'at most 1.5',
        beside: `made in ${seconds.toFixed(2)} s`,
      },
      { what: `${what}, first paint`, value: paint, unit: 's', aim: 'below 1', beside: '' },
      { what: `${what}, heap of the page`, value: heap / 1e6, unit: 'MB', aim: 'below 150', beside: '' },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function inBrowser(url) {
  const { chromium } = createRequire(join(root, 'packages/testkit/package.json'))('playwright-core');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const rounds = [];
    for (let round = 0; round < 5; round++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await page.goto(url);
      await page.waitForFunction("performance.getEntriesByName('first-contentful-paint').length > 0");
      rounds.push(
        await page.evaluate(
          "[performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000, performance.memory.usedJSHeapSize]",
        ),
      );
      await page.close();
    }
    return { paint: median(rounds.map(([paint]) => paint)), heap: median(rounds.map(([, heap]) => heap)) };
  } finally {
    await browser.close();
  }
}
