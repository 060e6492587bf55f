// A hub made in the studio: from a template to a published hub whose entry is in Braze; edited, previewed, taken back.

import type { Page } from '@playwright/test';
import type { Addresses } from '../src/demo.mjs';
import { delivered, expect, expectAccessible, expectNoSidewaysScroll, newEmail, test } from '../src/test.ts';

async function signIn(page: Page, demo: Addresses): Promise<void> {
  await page.goto('/studio');
  await page.getByLabel('E-mail address').fill(demo.login.email);
  await page.getByLabel('Password').fill(demo.login.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Hubs', level: 1 })).toBeVisible();
}

/** A draft from a template; the address of its pages. */
async function draft(page: Page, template: RegExp): Promise<string> {
  await page.getByRole('link', { name: 'New hub' }).click();
  await page.getByRole('button', { name: template }).click();
  await expect(page.getByText('Your draft is ready')).toBeVisible();
  return new URL(page.url()).pathname;
}

async function archive(page: Page, hub: string): Promise<void> {
  await page.goto(`${hub}/settings`);
  await page.getByRole('button', { name: 'Archive this hub' }).click();
  await expect(page.getByText('The hub is archived.')).toBeVisible();
}

const saved = (page: Page) => expect(page.locator('#saved')).toHaveText(/Saved \d\d:\d\d/);

test('from a template to an entry in Braze in few steps', async ({ page, demo }) => {
  test.setTimeout(90_000);
  await signIn(page, demo);
  const begin = Date.now();
  let steps = 2;
  const hub = await draft(page, /Loyalty starter/);
  const step = async (act: Promise<void>) => {
    steps += 1;
    await act;
  };
  await step(page.getByRole('link', { name: 'Connect to Braze' }).click());
  await step(page.getByLabel('Instance').selectOption('other').then(() => {}));
  await step(page.getByLabel('REST address').fill(demo.sandbox));
  await step(page.getByLabel('REST API key').fill('demo-braze-key'));
  await step(page.getByRole('button', { name: 'Connect' }).click());
  await step(page.getByRole('button', { name: /^Take all/ }).click());
  await step(page.getByRole('button', { name: 'Save', exact: true }).click());
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  const connection = new URL(page.url()).pathname.replace('/mapping', '');
  // The address of the last page is not an act of its own: the publishing page is one press from each of the hub's.
  await page.goto(`${hub}/publish`);
  await step(page.getByRole('button', { name: 'Publish now' }).click());
  await expect(page.getByText('Published. Participants see it now.')).toBeVisible();
  const email = newEmail('member');
  const answer = await fetch(`${demo.origin}/h/${hub.split('/').pop()}/c/join/entries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fields: { email, first_name: 'Ann' }, consents: { newsletter: true, privacy: true } }),
  });
  expect(answer.status, await answer.clone().text()).toBe(201);
  expect(await delivered(demo, email)).toContain('Ann');
  test.info().annotations.push({ type: 'steps', description: `${steps} steps, ${Date.now() - begin} ms` });
  expect(steps).toBeLessThanOrEqual(12);
  expect(Date.now() - begin).toBeLessThan(60_000);
  await page.goto(connection);
  await expect(page.locator('.counter', { hasText: 'Delivered' })).toContainText(/[1-9]/);
  await archive(page, hub);
});

test('what is typed is saved by itself, shown in the preview, and taken back after a reload', async ({ page, demo }) => {
  test.setTimeout(60_000);
  await signIn(page, demo);
  const hub = await draft(page, /Product launch quiz/);
  await page.getByRole('link', { name: 'How well do you know the Nova?' }).click();
  const preview = page.frameLocator('iframe[name=preview]');
  await page.getByLabel(/^Title/).first().fill('Do you know it?');
  await saved(page);
  await expect(preview.locator('h1')).toHaveText('Do you know it?');
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.getByLabel(/^Title/).first()).toHaveValue('Wie gut kennst du die Nova?');
  await expect(preview.locator('h1')).toHaveText('Wie gut kennst du die Nova?');

  await page.getByRole('button', { name: 'Add question' }).click();
  await expect(page.locator('#f-setup-questions-3--question')).toBeFocused();
  await page.getByRole('button', { name: 'Move Question 4 up' }).click();
  await expect(page.locator('#f-setup-questions-2--up')).toBeFocused();
  await page.getByRole('button', { name: 'Remove Question 3' }).click();
  await expect(page.locator('#f-setup-questions-3-')).toHaveCount(0);
  await page.reload();
  for (const words of ['Undo: Remove question', 'Undo: Move question', 'Undo: Add question', 'Undo: Change title']) {
    await page.getByRole('button', { name: new RegExp(words) }).click();
  }
  await page.goto(`${hub}/cards/quiz?lang=en`);
  await expect(page.getByLabel(/^Title/).first()).toHaveValue('How well do you know the Nova?');

  // A play in the preview leaves no trace.
  for (const answer of ['9.4 kg', '80 km', 'Morning blue']) {
    await preview.getByText(answer).click();
    await preview.getByRole('button', { name: 'Answer' }).click();
  }
  await page.getByRole('link', { name: 'Closed' }).click();
  await expect(preview.locator('.card')).toContainText(/closed|over/i);
  await page.goto(hub);
  await expect(page.locator('#card-quiz')).toContainText('0 entries');
  await archive(page, hub);
});

test('two people at one card never overwrite each other silently', async ({ page, demo, context, watch }) => {
  watch.allow(/status of 409/);
  await signIn(page, demo);
  const hub = await draft(page, /Prediction poll/);
  const address = `${hub}/cards/winner`;
  await page.goto(address);
  const other = await context.newPage();
  await other.goto(address);
  await other.getByLabel(/^Title/).first().fill('Theirs');
  await saved(other);
  await page.getByLabel(/^Title/).first().fill('Mine');
  await expect(page.getByRole('heading', { name: 'Somebody saved before you' })).toBeVisible();
  await expect(page.getByLabel(/^Title/).first()).toHaveValue('Mine');
  await page.getByRole('button', { name: 'Save mine over it' }).click();
  await expect(page.getByRole('heading', { name: 'Somebody saved before you' })).toHaveCount(0);
  await other.reload();
  await expect(other.getByLabel(/^Title/).first()).toHaveValue('Mine');
  await archive(page, hub);
});

test('every page of the editor is accessible and fits, and a mistake is named where it is mended', async ({ page, demo }) => {
  test.setTimeout(150_000);
  await signIn(page, demo);
  const workspace = new URL(page.url()).pathname;
  const hub = await draft(page, /Spin to win/);
  const pages = [`${workspace}/new-hub`, hub, `${hub}/new-card`, `${hub}/cards/wheel`, `${hub}/look`, `${hub}/texts`, `${hub}/publish`, `${hub}/settings`];
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    for (const address of pages) {
      await page.goto(address);
      await test.step(`${address} at ${width}`, async () => {
        await expect(page.locator('h1')).toHaveCount(1);
        await expectNoSidewaysScroll(page);
        await expectAccessible(page, 'iframe');
      });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${hub}/look`);
  await page.getByLabel('Buttons and marks', { exact: true }).fill('red');
  await expect(page.locator('#f-theme-accent-said')).toContainText(/colour/i);
  await page.goto(`${hub}/publish`);
  await expect(page.getByRole('heading', { name: 'One thing to solve first' })).toBeVisible();
  await page.getByRole('link', { name: /Solve it/ }).click();
  await page.getByLabel('Buttons and marks', { exact: true }).fill('#6D28D9');
  await saved(page);
  await page.goto(`${hub}/publish`);
  await page.getByRole('button', { name: 'Publish now' }).click();
  await expect(page.getByText('Published. Participants see it now.')).toBeVisible();
  await page.goto(`${hub}/cards/wheel`);
  await page.getByLabel(/^Title/).first().fill('Spin, please');
  await saved(page);
  await page.goto(`${hub}/publish`);
  await expect(page.locator('.diff')).toContainText('“Spin the anniversary wheel” becomes “Spin, please”');
  await page.getByRole('button', { name: 'Publish the changes' }).click();
  await page.getByRole('button', { name: 'Show this version again' }).click();
  await expect(page.getByText('Participants see this version again.')).toBeVisible();
  expect(await (await fetch(`${demo.origin}/h/${hub.split('/').pop()}/c/wheel?lang=en`)).text()).toContain('Spin the anniversary wheel');
  await archive(page, hub);
});

test('a hub is edited without scripts, too', async ({ browser, demo, watch }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: demo.origin });
  await watch.over(context).catch(() => {});
  const page = await context.newPage();
  await signIn(page, demo);
  const hub = await draft(page, /Event feedback/);
  await page.goto(`${hub}/cards/talk`);
  await page.getByLabel(/^Title/).first().fill('Which one?');
  await page.getByRole('button', { name: 'Save', exact: true }).last().click();
  await expect(page.getByLabel(/^Title/).first()).toHaveValue('Which one?');
  await page.getByRole('button', { name: 'Add a form' }).click();
  await expect(page.getByRole('heading', { name: 'Form', level: 2 })).toBeVisible();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(page.getByRole('button', { name: 'Add a form', exact: true })).toBeVisible();
  await archive(page, hub);
  await context.close();
});
