// Makes the pictures of the guide "Connect Braze in five minutes" by doing what it describes, on the real screens.
// Run it when they have changed: `cargo build -p komo && node e2e/guide.mjs`. Nothing else depends on it.

import { chromium } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumArguments, chromiumProgram, startDemo } from './src/demo.mjs';
import { writeWebp } from './src/webp.mjs';

const folder = join(import.meta.dirname, '../docs/images/connect-braze');
const QUALITY = 0.82;

const demo = await startDemo('sqlite');
const browser = await chromium.launch({ executablePath: chromiumProgram(), args: chromiumArguments() });
try {
  mkdirSync(folder, { recursive: true });
  const desktop = await browser.newContext({ locale: 'en-GB', baseURL: demo.origin, viewport: { width: 1120, height: 760 }, deviceScaleFactor: 1.25 });
  const page = await desktop.newPage();
  const picture = async (name) => writeWebp(browser, join(folder, `${name}.webp`), await page.screenshot(), QUALITY);
  const scrolled = (locator) => locator.evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 90));
  await signIn(page);
  await page.goto('/studio/hubs/demo/settings/integrations/braze/connect');
  await page.getByLabel('Name').fill('Braze (production)');
  await page.getByLabel('Instance').selectOption('other');
  await page.getByLabel('REST address').fill(demo.sandbox);
  await page.getByLabel('REST API key').fill('demo-braze-key');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.locator('.checks').waitFor();
  // The address of a sandbox would only lead readers astray: the picture shows an instance of Braze in its place.
  await page.getByLabel('Instance').evaluate((field) => { field.selectedIndex = [...field.options].findIndex((it) => it.text.startsWith('EU-02')); });
  await page.getByLabel('REST address').evaluate((field) => { field.closest('.field').style.display = 'none'; });
  await page.locator('.checks').evaluate((list, shown) => { list.innerHTML = list.innerHTML.replaceAll(shown.from, shown.to); }, { from: demo.sandbox, to: 'https://rest.fra-02.braze.eu' });
  await scrolled(page.getByLabel('Name'));
  await picture('connect');
  await page.getByLabel('Instance').selectOption('other');
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('button', { name: /^Take all/ }).click();
  await page.getByLabel(/^Braze attribute for E-mail/).fill('email');
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(900);
  await picture('user');
  await scrolled(page.getByRole('heading', { name: 'Fields' }));
  await picture('fields');
  await page.getByLabel('Send a test to').fill('ann@example.com');
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.locator('#tested .notice').waitFor();
  await scrolled(page.getByRole('heading', { name: 'Look and test' }));
  await picture('test');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  const connection = new URL(page.url()).pathname.replace('/mapping', '');
  for (const name of ['Ada', 'Grace', 'Mary', 'Edith']) {
    const fields = { email: `${name}@example.com`, first_name: name, favourite_flavour: 'Basil' };
    await fetch(`${demo.origin}${demo.hub}/c/welcome/entries`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fields }) });
  }
  await page.waitForTimeout(1500);
  await page.goto(connection);
  await picture('deliveries');
  // Braze refuses somebody, on each of the demo's two connections.
  const error = { type: "The value provided for the 'email' field is not a valid email.", input_array: 'attributes', index: 0 };
  const body = { message: "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.", errors: [error, { ...error, input_array: 'events' }] };
  const faults = [{ kind: 'answer', status: 400, body, times: 2, path: '/users/track' }];
  await fetch(`${demo.sandbox}/sandbox/faults`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ faults }) });
  const fields = { email: 'rosa@example.com', first_name: 'Rosa', favourite_flavour: 'Lemon' };
  await fetch(`${demo.origin}${demo.hub}/c/welcome/entries`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fields }) });
  await page.waitForTimeout(2500);
  await page.goto(`${connection}?state=parked`);
  await picture('trouble');
  await scrolled(page.locator('.deliveries'));
  await picture('parked');
  await page.locator('.deliveries tbody a').first().click();
  await picture('delivery');
  const phone = await browser.newContext({ locale: 'en-GB', baseURL: demo.origin, viewport: { width: 390, height: 760 }, deviceScaleFactor: 1.5, isMobile: true });
  const small = await phone.newPage();
  await signIn(small);
  await small.goto(connection);
  await writeWebp(browser, join(folder, 'phone.webp'), await small.screenshot(), QUALITY);
} finally {
  await browser.close();
  await demo.stop();
}

async function signIn(page) {
  await page.goto('/studio');
  await page.getByLabel('E-mail address').fill(demo.login.email);
  await page.getByLabel('Password').fill(demo.login.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Hubs', level: 1 }).waitFor();
}
