// The form card: from the first key to the profile at Braze.

import { card, delivered, expect, expectAccessible, newEmail, test } from '../src/test.ts';
import { tabTo, welcome } from '../src/welcome.ts';

test('a person with a keyboard joins, and stands in Braze', async ({ page, demo }) => {
  const email = newEmail('keyboard');
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await tabTo(page, form.email);
  await page.keyboard.type(email);
  await tabTo(page, form.firstName);
  await page.keyboard.type('Ann');
  await tabTo(page, form.lastName);
  await page.keyboard.type('Example');
  await tabTo(page, form.flavour);
  await page.keyboard.type('Basil');
  await tabTo(page, form.newsletter);
  await page.keyboard.press('Space');
  await tabTo(page, form.send);
  await page.keyboard.press('Enter');
  await expect(form.thanks).toBeFocused();
  await expectAccessible(page);

  const profile = await delivered(demo, email);
  expect(profile).toContain('komo_email');
  expect(profile).toContain('Ann');
  expect(profile).toContain('Example');
  expect(profile).toContain('Basil');
  expect(profile).toContain('opted_in');
  expect(profile, 'what is not mapped does not leave').not.toContain('staff_note');
});

test('without a tick no consent is sent', async ({ page, demo }) => {
  const email = newEmail('unticked');
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await form.email.fill(email);
  await form.send.click();
  await expect(form.thanks).toBeFocused();
  expect(await delivered(demo, email)).not.toContain('opted_in');
});

test('a wrong entry is named, tied to its field, and nothing typed is lost', async ({ page, demo, watch }) => {
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
  await expect(form.email).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);

  // The same words above and at the field, and the link leads there.
  const link = page.getByRole('alert').getByRole('link').first();
  const described = (await form.email.getAttribute('aria-describedby'))?.split(' ') ?? [];
  const texts = await Promise.all(described.map((id) => page.locator(`[id="${id}"]`).innerText()));
  expect(texts).toContain(await link.innerText());
  await link.click();
  await expect(form.email).toBeFocused();

  const email = newEmail('corrected');
  await form.email.fill(email);
  await form.send.click();
  await expect(form.thanks).toBeFocused();
});

test('an empty form asks for what it needs', async ({ page, demo, watch }) => {
  watch.allow(/status of 422/);
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await form.send.click();
  await expect(form.problem).toBeVisible();
  await expect(page.getByRole('alert').getByRole('link')).toHaveCount(1);
});

test('who is in already is told so, whatever the spelling of the address', async ({ page, browser, demo, watch }) => {
  watch.allow(/status of 409/);
  const email = newEmail('twice');
  await page.goto(card(demo, 'welcome'));
  await welcome(page).email.fill(email);
  await welcome(page).send.click();
  await expect(welcome(page).thanks).toBeFocused();

  const other = await browser.newContext({ baseURL: demo.origin, locale: 'en-GB' });
  await watch.over(other);
  const second = await other.newPage();
  await second.goto(card(demo, 'welcome'));
  await welcome(second).email.fill(email.toUpperCase());
  await welcome(second).send.click();
  await expect(welcome(second).again).toBeVisible();
  await expectAccessible(second);
  await other.close();
});

test('a value from the address stands in the form', async ({ page, demo }) => {
  await page.goto(`${card(demo, 'welcome')}?flavour=Hazelnut`);
  await expect(welcome(page).flavour).toHaveValue('Hazelnut');
});

test('a double click sends one entry', async ({ page, demo, watch }) => {
  const email = newEmail('double');
  await page.goto(card(demo, 'welcome'));
  const form = welcome(page);
  await form.email.fill(email);
  await form.send.dblclick();
  await expect(form.thanks).toBeFocused();
  expect(await delivered(demo, email)).toContain(email);
  const posts = watch.requests.filter((request) => request.method() === 'POST');
  const ids = new Set(posts.map((request) => /"?play_id"?[^0-9a-f]+([0-9a-f-]{36})/i.exec(request.postData() ?? '')?.[1]));
  expect(ids.size, 'every attempt is the same play').toBe(1);
});
