// The test of this suite: Playwright's, with the demo's addresses, and with a watch over every page that fails
// the test on a console error, a broken Content-Security-Policy, or a request to another host.

import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, type Page, type Request, test as base, expect } from '@playwright/test';
import type { Addresses, Database } from './demo.mjs';

export type Options = { database: Database };

export type Watch = {
  /** Watches the pages of a further context. */
  over: (context: BrowserContext) => Promise<void>;
  /** Console messages that are meant to come in this test. */
  allow: (message: RegExp) => void;
  /** Every request so far. */
  requests: Request[];
};

type Fixtures = { demo: Addresses; watch: Watch };

export const test = base.extend<Fixtures & Options>({
  database: ['sqlite', { option: true }],

  demo: async ({ database }, use) => {
    const told = process.env[`KOMO_E2E_${database.toUpperCase()}`];
    if (!told) throw new Error(`no demo runs on ${database}`);
    await use(JSON.parse(told) as Addresses);
  },

  baseURL: async ({ demo }, use) => {
    await use(demo.origin);
  },

  watch: [
    async ({ context, demo }, use) => {
      const problems: string[] = [];
      const allowed: RegExp[] = [];
      const requests: Request[] = [];
      const over = async (watched: BrowserContext) => {
        await watched.exposeFunction('__komoCspBroken', (text: string) => {
          problems.push(`Content-Security-Policy: ${text}`);
        });
        await watched.addInitScript(() => {
          document.addEventListener('securitypolicyviolation', (event) => {
            const tell = (globalThis as unknown as { __komoCspBroken: (text: string) => void }).__komoCspBroken;
            tell(`${event.violatedDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
          });
        });
        watched.on('console', (message) => {
          if (message.type() !== 'error') return;
          // Who leaves a page gives up what it was still asking for; htmx tells so in a pair of messages.
          if (message.text().startsWith('htmx:sendAbort')) problems.splice(problems.findLastIndex((it) => it.startsWith('console: htmx:afterRequest')), 1);
          else problems.push(`console: ${message.text()}`);
        });
        watched.on('weberror', (error) => problems.push(`uncaught: ${error.error().message}`));
        watched.on('request', (request) => {
          requests.push(request);
          const url = new URL(request.url());
          const ours = url.origin === demo.origin || ['data:', 'blob:'].includes(url.protocol);
          if (!ours) problems.push(`a request to another host: ${request.url()}`);
        });
      };
      await over(context);
      await use({ over, requests, allow: (message) => allowed.push(message) });
      const left = problems.filter((problem) => !allowed.some((allow) => allow.test(problem)));
      expect(left, 'nothing went wrong unseen').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The path of a card. */
export function card(demo: Addresses, key: string): string {
  return `${demo.hub}/c/${key}`;
}

let people = 0;

/** A person whom no other test has ever seen. */
export function newEmail(word: string): string {
  people += 1;
  return `${word}-${process.pid}-${Date.now().toString(36)}-${people}@example.com`;
}

/** No findings of axe at the levels we promise: WCAG 2.2 A and AA. What is left out is a page with tests of its own. */
export async function expectAccessible(page: Page, without?: string): Promise<void> {
  const builder = new AxeBuilder({ page });
  if (without) builder.exclude(without);
  const found = await builder
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const findings = found.violations.map((violation) => {
    const places = violation.nodes.map((node) => node.target.join(' ')).join('; ');
    return `${violation.id} (${violation.impact}): ${violation.help} at ${places}`;
  });
  expect(findings, 'axe finds nothing').toEqual([]);
}

/** What is wider than the window may not make the page scroll sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const sizes = await page.evaluate(() => {
    const root = document.documentElement;
    const wide = [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    return { scroll: root.scrollWidth, client: root.clientWidth, wide: wide.slice(0, 5) };
  });
  expect(sizes.scroll, `wider than the window: ${sizes.wide.join(', ')}`).toBeLessThanOrEqual(sizes.client);
}

/** The profiles in the sandbox that match, as it shows them. */
export async function profiles(demo: Addresses, query: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${demo.sandbox}/sandbox/profiles?q=${encodeURIComponent(query)}`, {
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`GET /sandbox/profiles answered ${answer.status}`);
  const body: unknown = await answer.json();
  if (Array.isArray(body)) return body;
  return (body as { profiles?: Record<string, unknown>[] }).profiles ?? [];
}

/** Waits until the person stands in the sandbox, and returns the profile as text. */
export async function delivered(demo: Addresses, email: string): Promise<string> {
  let found: Record<string, unknown>[] = [];
  await expect
    .poll(async () => (found = await profiles(demo, email)).length, { message: `${email} stands in the sandbox`, timeout: 15_000 })
    .toBe(1);
  return JSON.stringify(found[0]);
}
