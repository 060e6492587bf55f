// Everything works without JavaScript; the islands only make it nicer.

import { card, delivered, expect, expectNoSidewaysScroll, newEmail, test } from '../src/test.ts';
import { welcome } from '../src/welcome.ts';

test.use({ javaScriptEnabled: false });

test('a person without JavaScript joins, and stands in Braze', async ({ page, demo }) => {
  const email = newEmail('no-script');
  await page.goto(demo.hub);
  await page.getByRole('link', { name: 'Join the club' }).first().click();
  const form = welcome(page);
  await form.email.fill(email);
  await form.firstName.fill('Bea');
  await form.send.click();
  await expect(form.thanks).toBeVisible();
  const profile = await delivered(demo, email);
  expect(profile).toContain('Bea');
});

test('reloading the thanks does not send again', async ({ page, demo, watch }) => {
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await form.email.fill(newEmail('reload'));
  await form.send.click();
  await expect(form.thanks).toBeVisible();
  await page.reload();
  expect(watch.requests.filter((request) => request.method() === 'POST')).toHaveLength(1);
});

test('a wrong entry comes back with its words and its input', async ({ page, demo, watch }) => {
  watch.allow(/status of 422/);
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await form.email.fill('not an address');
  await form.firstName.fill('Ann');
  await form.send.click();
  await expect(form.problem).toBeVisible();
  await expect(page).toHaveTitle(/^Error:/);
  await expect(form.email).toHaveValue('not an address');
  await expect(form.firstName).toHaveValue('Ann');
  await expect(page.getByRole('alert').getByRole('link')).toHaveAttribute('href', /^#/);
});

test('a vote counts and shows where it stands', async ({ page, demo }) => {
  await page.goto(card(demo, 'flavour-poll'));
  await page.getByLabel('Blood orange').check();
  await page.locator('main form button[type=submit]').first().click();
  await expect(page.getByText(/\d\s?%/).first()).toBeVisible();
  await expectNoSidewaysScroll(page);
});
