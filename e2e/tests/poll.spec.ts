// The poll: one vote, results at once, the form afterwards.

import { card, delivered, expect, expectAccessible, newEmail, test } from '../src/test.ts';
import { tabTo } from '../src/welcome.ts';

test('a vote by keyboard counts, and the shares are shown', async ({ page, demo }) => {
  await page.goto(card(demo, 'flavour-poll'));
  await expect(page.getByRole('group', { name: /which one should nonna stir/i })).toBeVisible();
  await tabTo(page, page.getByLabel('Salted pistachio'));
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Fig and ricotta')).toBeChecked();
  await tabTo(page, page.locator('main form button[type=submit]').first());
  await page.keyboard.press('Enter');

  const shares = page.getByText(/\d\s?%/);
  await expect(shares.first()).toBeVisible();
  await expect(shares).toHaveCount(4);
  const total = (await shares.allInnerTexts())
    .map((text) => Number(/(\d+(?:[.,]\d+)?)\s?%/.exec(text)?.[1]?.replace(',', '.')))
    .reduce((sum, share) => sum + share, 0);
  expect(total, 'shares are of a whole').toBeGreaterThanOrEqual(97);
  expect(total, 'shares are of a whole').toBeLessThanOrEqual(103);
  await expectAccessible(page);
});

test('who votes and leaves an address stands in Braze with the vote', async ({ page, demo }) => {
  const email = newEmail('voter');
  await page.goto(card(demo, 'flavour-poll'));
  await page.getByLabel('Espresso crunch').check();
  await page.locator('main form button[type=submit]').first().click();
  await page.getByLabel(/^e-mail/i).fill(email);
  await page.getByRole('button', { name: 'Tell me' }).click();
  await expect(page.getByRole('heading', { name: 'You will hear from us' })).toBeVisible();
  expect(await delivered(demo, email)).toContain('espresso');
});

test('a vote without a choice says what is missing', async ({ page, demo, watch }) => {
  watch.allow(/status of 4\d\d/);
  await page.goto(card(demo, 'flavour-poll'));
  await page.locator('main form button[type=submit]').first().click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('group', { name: /which one should nonna stir/i })).toBeVisible();
  await expect(page.getByText(/\d\s?%/)).toHaveCount(0);
});
