// What a person meets when something is over, wrong, repeated or interrupted.

import { card, delivered, expect, expectAccessible, newEmail, test } from '../src/test.ts';
import { welcome } from '../src/welcome.ts';

test('after joining, neither reload nor a way back asks again', async ({ page, demo }) => {
  await page.goto(demo.hub);
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await form.email.fill(newEmail('reload'));
  await form.send.click();
  await expect(form.thanks).toBeFocused();
  await expect(page).toHaveTitle(/^Grazie/);

  await page.reload();
  await expect(form.thanks).toBeVisible();
  await expect(form.email).toHaveCount(0);
  await page.getByRole('link', { name: 'Vote for the flavour of the month' }).click();
  await expect(page).toHaveURL(/flavour-poll/);
  await page.goBack();
  await expect(form.thanks).toBeVisible();
  await expect(form.email).toBeHidden();
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { name: 'Grazie! Wir sehen uns an der Theke.' })).toBeVisible();
});

test('a message that appears does not move the click to another place', async ({ page, demo }) => {
  await page.goto(card(demo, 'sundays'));
  await page.getByLabel(/scoops per visit/i).fill('99');
  const terms = page.getByLabel(/i have read the terms/i);
  await terms.scrollIntoViewIfNeeded();
  const box = await terms.boundingBox();
  if (!box) throw new Error('the tick box has no place');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  await expect(terms).toBeChecked();
  await expect(page.locator('#field-scoops-error')).toContainText('12');
});

test('a number or a birthday beyond its limit is told the limit', async ({ page, demo, watch }) => {
  watch.allow(/status of 422/);
  await page.goto(card(demo, 'sundays'));
  const send = page.getByRole('button', { name: 'Enter the draw' });
  await page.getByLabel(/mobile number/i).fill('0171 2345678');
  await page.getByLabel(/^first name/i).fill('Ann');
  await page.getByLabel(/date of birth/i).fill('2020-01-01');
  await page.getByLabel(/scoops per visit/i).fill('99');
  await page.getByLabel(/i have read the terms/i).check();
  await send.click();
  await expect(page.locator('#field-scoops-error')).toContainText('12');
  await page.getByLabel(/scoops per visit/i).fill('2');
  await send.click();
  await expect(page.locator('#field-birthday-error')).toContainText('16');
  await expectAccessible(page);
});

test('an entry that a server in trouble could not take waits on the device', async ({ page, demo, watch }) => {
  watch.allow(/status of 503/);
  const email = newEmail('trouble');
  await page.goto(card(demo, 'welcome'));
  await page.route('**/entries', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'Retry-After': '60' }, body: '{}' }),
  );
  await welcome(page).email.fill(email);
  await welcome(page).send.click();
  await expect(page.getByRole('heading', { name: /saved/i })).toBeFocused();

  // Coming back to the page, the entry is still there, and so is the way to send it.
  await page.reload();
  await expect(page.getByRole('heading', { name: /saved/i })).toBeVisible();
  await expectAccessible(page);
  await page.unroute('**/entries');
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(welcome(page).thanks).toBeVisible();
  await delivered(demo, email);
});

test('who is too fast reads so, and loses nothing', async ({ page, demo, watch }) => {
  watch.allow(/status of 429/);
  await page.goto(card(demo, 'welcome'));
  await page.route('**/entries', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', body: '{}' }));
  await welcome(page).email.fill('fast@example.com');
  await welcome(page).send.click();
  await expect(page.getByText('That was a bit fast.')).toBeVisible();
  await expect(welcome(page).email).toHaveValue('fast@example.com');
});

test('a vote without a connection is not lost, and not sent behind the back', async ({ page, context, demo, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  await page.goto(card(demo, 'cone-or-cup'), { waitUntil: 'networkidle' });
  await page.getByRole('radio').first().check();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Vote' }).click();
  await expect(page.getByText('so nothing was sent')).toBeVisible();
  await expect(page.getByRole('radio').first()).toBeChecked();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Vote' }).click();
  await expect(page.getByText(/\d\s?%/).first()).toBeVisible();
  await page.reload();
  await expect(page.getByText(/\d\s?%/).first()).toBeVisible();
});

test('the shares keep up while they are looked at', async ({ page, browser, demo, watch }) => {
  const total = async () => Number(await page.locator('[data-total]').innerText());
  await page.goto(card(demo, 'flavour-poll'));
  await page.getByLabel('Blood orange').check();
  await page.getByRole('button', { name: 'Vote' }).click();
  await expect(page.locator('[data-total]')).toBeVisible();
  const before = await total();

  const other = await browser.newContext({ baseURL: demo.origin, locale: 'en-GB' });
  await watch.over(other);
  const second = await other.newPage();
  await second.goto(card(demo, 'flavour-poll'));
  await second.getByLabel('Blood orange').check();
  await second.getByRole('button', { name: 'Vote' }).click();
  await expect(second.locator('[data-total]')).toBeVisible();
  await other.close();

  await expect.poll(total, { message: 'the vote of another person arrives', timeout: 15_000 }).toBeGreaterThan(before);
  const shares = await page.locator('.result b').allInnerTexts();
  expect(shares.map((share) => Number.parseInt(share, 10)).reduce((sum, share) => sum + share, 0)).toBe(100);
});

test('the end of a card is told in the visitor’s own time', async ({ browser, demo }) => {
  const context = await browser.newContext({ baseURL: demo.origin, locale: 'en-GB', timezoneId: 'Europe/Rome' });
  const page = await context.newPage();
  await page.goto(card(demo, 'postcards'));
  await expect(page.locator('time')).toHaveText('30 September 2026 at 23:59');
  await context.close();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('another language after a mistake leads back to the form', async ({ page, demo, watch }) => {
    watch.allow(/status of 422/);
    await page.goto(card(demo, 'welcome'));
    await welcome(page).email.fill('nobody');
    await welcome(page).send.click();
    await expect(welcome(page).problem).toBeVisible();
    const here = page.url();
    await page.getByRole('link', { name: 'Deutsch' }).click();
    await expect(page.getByRole('button', { name: 'Ich bin dabei' })).toBeVisible();
    await page.goto(here);
    await expect(welcome(page).send).toBeVisible();
  });
});
