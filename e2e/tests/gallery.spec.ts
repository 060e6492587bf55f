// The gallery: one card of each kind, each played to its end by what its forms offer, without knowing any kind.

import type { Page } from '@playwright/test';
import { expect, newEmail, test } from '../src/test.ts';

/** The addresses of all cards of the gallery. */
async function cards(page: Page): Promise<string[]> {
  await page.goto('/h/gallery');
  const links = await page.locator('main a[href*="/c/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  const found = [...new Set(links)];
  expect(found.length).toBeGreaterThan(10);
  return found;
}

/** What the samples' inputs take that leave nothing to choose. */
const EXAMPLES: Record<string, string> = { code: 'Fior di latte', moves: 'melon' };
/** After so many moves a game that has a button for it is ended. */
const PATIENCE = 3;

/** Fills in the first form of the card and sends it; false when there is none. */
async function move(page: Page, before: number): Promise<boolean> {
  const out = page.locator('.card-body form:has(button[name=finish]):visible');
  const ending = before >= PATIENCE && (await out.count()) > 0;
  const form = ending ? out.first() : page.locator('.card-body form:visible').first();
  if ((await form.count()) === 0) return false;
  for (const [name, text] of Object.entries(EXAMPLES)) for (const input of await form.locator(`input[type=text][name=${name}]`).all()) await input.fill(text);
  for (const email of await form.locator('input[type=email]').all()) await email.fill(newEmail('gallery'));
  const groups = await form.locator('input[type=radio]').evaluateAll((all) => [...new Set(all.map((it) => (it as HTMLInputElement).name))]);
  for (const name of groups) await form.locator(`label:has(input[type=radio][name="${name}"])`).first().click();
  // One of several things to tick, a number that fits everywhere, and each place of a ranking once.
  for (const group of await form.locator('.answers:has(input[type=checkbox])').all()) await group.locator('label').first().click();
  const boxes = form.locator('label:has(input[type=checkbox][name=option])');
  if ((await boxes.count()) > 0 && (await boxes.locator('input:checked').count()) === 0) await boxes.first().click();
  for (const number of await form.locator('input[inputmode=numeric]').all()) await number.fill('50');
  for (const [at, select] of (await form.locator('select').all()).entries()) await select.selectOption({ index: at + 1 });
  const shown = await page.locator('.card-body').innerHTML();
  await form.locator('button[type=submit]:enabled').first().click();
  await expect.poll(async () => (await page.locator('.card-body').innerHTML()) !== shown, { timeout: 15_000 }).toBe(true);
  await page.waitForLoadState('load');
  return true;
}

async function playAll(page: Page, look: (page: Page) => Promise<void>): Promise<void> {
  for (const address of await cards(page)) {
    await test.step(address, async () => {
      await page.goto(address);
      await look(page);
      let moves = 0;
      while (moves < 20 && (await move(page, moves))) moves += 1;
      expect(moves, 'the play comes to an end').toBeLessThan(20);
      await look(page);
    });
  }
}

test('every kind of card is played to its end without JavaScript', async ({ browser, demo, watch }) => {
  test.setTimeout(240_000);
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: demo.origin });
  await watch.over(context).catch(() => {});
  await playAll(await context.newPage(), async (shown) => expect(shown.locator('h1')).toHaveCount(1));
  await context.close();
});
