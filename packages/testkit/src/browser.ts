import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

/** A page opened from a file, and its errors and requests. */
export interface OpenPage {
  readonly page: Page;
  /** Messages of the console and uncaught errors. */
  readonly errors: readonly string[];
  /** Requested addresses other than the file itself. */
  readonly requests: readonly string[];
  /** The axe-core rules that the page violates, with the elements. */
  violations(): Promise<string[]>;
}

export interface PageOptions {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export interface TestBrowser {
  open(file: string, options?: PageOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

/** The system's Chromium; undefined if it is not installed. */
export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function openBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-gpu'] });
  return {
    close: () => browser.close(),
    async open(file, { width = 1280, colorScheme = 'light' } = {}) {
      const url = pathToFileURL(file).href;
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const errors: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => void errors.push(message.text()));
      page.on('pageerror', (error) => void errors.push(error.message));
      page.on('request', (request) => void (request.url() === url || requests.push(request.url())));
      await page.goto(url);
      return { page, errors, requests, violations: () => violationsOf(page) };
    },
  };
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe); // through the debugger, so the page's Content-Security-Policy does not apply
  const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}
