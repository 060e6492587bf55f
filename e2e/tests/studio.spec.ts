// The studio as a marketer meets it: signing in, connecting Braze, mapping, a look at the JSON, saving, a test, watching it arrive.

import type { Page } from '@playwright/test';
import type { Addresses } from '../src/demo.mjs';
import { expect, expectAccessible, expectNoSidewaysScroll, newEmail, profiles, test } from '../src/test.ts';

async function signIn(page: Page, demo: Addresses): Promise<void> {
  await page.goto('/studio');
  await page.getByLabel('E-mail address').fill(demo.login.email);
  await page.getByLabel('Password').fill(demo.login.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Hubs', level: 1 })).toBeVisible();
}

/** A connection of the test's own: others change theirs at the same time. Returns the address of its pages. */
async function connect(page: Page, demo: Addresses, name: string): Promise<string> {
  await page.goto('/studio/hubs/demo/settings/integrations/braze/connect');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Instance').selectOption('other');
  await page.getByLabel('REST address').fill(demo.sandbox);
  await page.getByLabel('REST API key').fill('demo-braze-key');
  await page.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  return new URL(page.url()).pathname.replace('/mapping', '');
}

async function disconnect(page: Page, connection: string, name: string): Promise<void> {
  await page.goto(`${connection}/settings`);
  await page.getByText('Disconnect', { exact: true }).first().click();
  await page.getByLabel(/to confirm/).fill(name);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Disconnected' })).toBeVisible();
}

test('a wrong password is answered in words and nothing is told about the address', async ({ page, demo, watch }) => {
  watch.allow(/status of 422/);
  await page.goto('/studio/sign-in');
  await expectAccessible(page);
  await page.getByLabel('E-mail address').fill(newEmail('nobody'));
  await page.getByLabel('Password').fill('not a password of anybody');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'There is a problem' })).toBeVisible();
  await expect(page).toHaveTitle(/^Error: /);
  await expect(page.locator('#problem')).toBeFocused();
  await expectAccessible(page);
  expect(demo.login.password.length).toBeGreaterThan(20);
});

test('every page of the studio is accessible and fits', async ({ page, demo }) => {
  test.setTimeout(150_000);
  await signIn(page, demo);
  const workspace = new URL(page.url()).pathname;
  await page.goto(`${workspace}/apps`);
  const connection = await page.locator('main a[href^="/studio/connections/"]').first().getAttribute('href');
  const hub = '/studio/hubs/demo';
  const pages = [
    workspace, `${workspace}/apps`, `${workspace}/members`, `${workspace}/log`, `${workspace}/settings`, '/studio/account',
    hub, `${hub}/settings`, `${hub}/settings/integrations`, `${hub}/settings/integrations/braze`, `${hub}/settings/integrations/braze/connect`,
    `${connection}`, `${connection}/mapping`, `${connection}/settings`,
  ];
  for (const address of pages) {
    await page.goto(address);
    await test.step(address, async () => {
      await expect(page.locator('h1')).toHaveCount(1);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page, 'iframe');
    });
  }
});

test('Braze is connected, mapped, looked at, tested and saved, and an entry arrives', async ({ page, demo, database }) => {
  test.setTimeout(60_000);
  const name = `Test ${newEmail('c')}`;
  await signIn(page, demo);
  await page.getByRole('link', { name: 'Nonna Sole', exact: true }).click();
  await page.getByRole('link', { name: 'Hub settings' }).click();
  await page.getByRole('link', { name: /^Integrations/ }).last().click();
  await page.getByRole('link', { name: /^Braze/ }).last().click();
  await page.getByRole('link', { name: /Connect/ }).last().click();
  await expect(page.getByRole('heading', { name: 'Connect to Braze' })).toBeVisible();

  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Instance').selectOption('other');
  await page.getByLabel('REST address').fill(demo.sandbox);
  await page.getByLabel('REST API key').fill('a-wrong-key');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.locator('#check')).toContainText('another instance');
  await page.getByLabel('REST API key').fill('demo-braze-key');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.locator('#check')).toContainText('Braze accepts the key');
  await page.getByRole('button', { name: 'Connect' }).click();

  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(page.locator('#look')).toContainText('nothing is sent');
  // The latest entry is whatever another test has just sent, perhaps without a flavour.
  await page.getByLabel('Look at').selectOption({ label: 'A sample of “Join the counter club”' });
  await expect(page.locator('#look')).toContainText('a made-up entry');
  const attribute = `flavour_${database}_${Date.now().toString(36)}`;
  await page.getByLabel(/^Braze attribute for Favourite flavour/).fill(`$${attribute}`);
  await expect(page.locator('#look')).toContainText('begins with $');
  await expect(page.locator('.said.error').filter({ hasText: 'begins with $' })).toBeVisible();
  await page.getByLabel(/^Braze attribute for Favourite flavour/).fill(attribute);
  await expect(page.locator('#look pre')).toContainText(attribute);
  await page.getByLabel(/^Braze attribute for E-mail/).fill('email');

  const tester = newEmail('tester');
  await page.getByLabel('Send a test to').fill(tester);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.locator('#tested')).toContainText('Braze took it');
  expect(JSON.stringify(await profiles(demo, tester))).toContain(attribute);
  await expect(page.locator('#look')).toContainText('What Braze gets');
  await expect(page.locator('#look')).not.toContainText('Braze took it');

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  const connection = new URL(page.url()).pathname.replace('/mapping', '');

  const email = newEmail('entry');
  const fields = { email, first_name: 'Ann', favourite_flavour: 'Basil' };
  const entry = await fetch(`${demo.origin}${demo.hub}/c/welcome/entries`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fields }) });
  expect(entry.status).toBe(201);
  // The demo's own connection tells the same sandbox about the same person, sooner or later than this one.
  await expect.poll(async () => JSON.stringify(await profiles(demo, email)), { timeout: 15_000 }).toContain(attribute);
  await page.goto(connection);
  await expect(page.locator('.counter', { hasText: 'Delivered' })).toContainText(/[1-9]/);
  await page.getByLabel('Person or entry').fill(email);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.locator('.deliveries tbody th a').first().click();
  await expect(page.locator('pre')).toContainText('Basil');
  await expectAccessible(page);

  await disconnect(page, connection, name);
});

test('what was set aside is put right in the mapping and sent again by what the filters show', async ({ page, demo }) => {
  test.setTimeout(60_000);
  const json = { 'content-type': 'application/json' };
  const known = [{ id: '11111111-2222-4333-8444-555555555555', name: 'The letter', channel: 'email' }];
  await fetch(`${demo.sandbox}/sandbox/settings`, { method: 'PATCH', headers: json, body: JSON.stringify({ subscription_groups: known }) });
  await signIn(page, demo);
  const name = `Again ${newEmail('a')}`;
  const connection = await connect(page, demo, name);
  const save = async () => {
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  };
  await page.getByLabel('Subscription for consent:newsletter').selectOption('group');
  await page.getByLabel('Identifier of the group for consent:newsletter').fill('0d1f7a52-4e0c-4c2c-9a5b-0c6f6c7a7f10');
  await save();
  const email = newEmail('aside');
  const body = JSON.stringify({ fields: { email }, consents: { newsletter: true } });
  const entry = await fetch(`${demo.origin}${demo.hub}/c/welcome/entries`, { method: 'POST', headers: json, body });
  expect(entry.status).toBe(201);
  /** Looks until the rows of this person say so. */
  const rowsSay = (words: string) =>
    expect(async () => {
      await page.goto(`${connection}?who=${encodeURIComponent(email)}`);
      await expect(page.locator('.deliveries')).toContainText(words, { timeout: 500 });
    }).toPass({ timeout: 15_000 });
  await rowsSay('Braze does not know this subscription group');

  await page.goto(`${connection}/mapping`);
  await page.getByLabel('Subscription for consent:newsletter').selectOption('email_subscribe');
  await save();
  await page.goto(connection);
  await page.getByLabel('Person or entry').fill(email);
  await page.getByLabel('State').selectOption('parked');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await expect(page.locator('.deliveries tbody tr')).toHaveCount(1);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Send what these filters show again' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'On its way again' })).toBeVisible();
  await rowsSay('Delivered');
  await expect(page.locator('.deliveries')).toContainText('Sent again');
  await disconnect(page, connection, name);
});

test('two editors never overwrite each other silently', async ({ page, demo, context, watch }) => {
  watch.allow(/status of 409/);
  await signIn(page, demo);
  const name = `Two ${newEmail('t')}`;
  const connection = await connect(page, demo, name);
  const address = `${connection}/mapping`;
  await page.goto(address);
  const other = await context.newPage();
  await other.goto(address);
  const mark = newEmail('x').replace(/\W/g, '_');
  await other.getByLabel(/^Braze attribute for Cone or cup/).fill(`theirs_${mark}`);
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(other.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await page.getByLabel(/^Braze attribute for Cone or cup/).fill(`mine_${mark}`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Somebody saved before you' })).toBeVisible();
  await expect(page.getByLabel(/^Braze attribute for Cone or cup/)).toHaveValue(`mine_${mark}`);
  await page.getByLabel(/^Braze attribute for Cone or cup/).fill('');
  await page.getByRole('button', { name: 'Save mine over it' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await disconnect(page, connection, name);
});

test('the way works without JavaScript, too', async ({ browser, demo, watch }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: demo.origin });
  await watch.over(context).catch(() => {});
  const page = await context.newPage();
  await signIn(page, demo);
  await page.goto('/studio/hubs/demo/settings/integrations/braze/connect');
  await page.getByLabel('Instance').selectOption('other');
  await page.getByLabel('REST address').fill(demo.sandbox);
  await page.getByLabel('REST API key').fill('demo-braze-key');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.locator('#check')).toContainText('Braze accepts the key');
  await expect(page.getByLabel('REST API key')).toHaveValue('');
  await context.close();
});
