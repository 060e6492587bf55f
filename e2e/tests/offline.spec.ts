// An entry made on a train: kept on the phone, sent once.

import type { Page } from '@playwright/test';
import { card, delivered, expect, newEmail, test } from '../src/test.ts';
import { welcome } from '../src/welcome.ts';

/** How many records all databases of this origin hold. */
async function kept(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const wait = <T>(request: IDBRequest<T>) =>
      new Promise<T>((done, fail) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      });
    let count = 0;
    for (const { name } of await indexedDB.databases()) {
      if (!name) continue;
      const database = await wait(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        count += await wait(database.transaction(store).objectStore(store).count());
      }
      database.close();
    }
    return count;
  });
}

test('an entry made offline is kept, then sent exactly once', async ({ page, context, demo, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  const email = newEmail('train');
  await page.goto(card(demo, 'welcome'), { waitUntil: 'networkidle' });
  const form = welcome(page);
  await form.email.fill(email);
  await context.setOffline(true);
  await form.send.click();
  await expect(page.getByRole('heading', { name: /saved/i })).toBeFocused();
  expect(await kept(page), 'the entry is kept in the browser').toBe(1);

  await context.setOffline(false);
  const profile = await delivered(demo, email);
  expect(profile).toContain(email);
  await expect.poll(() => kept(page), { message: 'nothing is left behind' }).toBe(0);
  const answered = [];
  for (const request of watch.requests) {
    if (request.method() === 'POST' && (await request.response())) answered.push(request);
  }
  expect(answered, 'it was sent once').toHaveLength(1);
});

test('an entry made offline outlives the page', async ({ page, context, demo, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  const email = newEmail('tunnel');
  await page.goto(card(demo, 'welcome'), { waitUntil: 'networkidle' });
  await welcome(page).email.fill(email);
  await context.setOffline(true);
  await welcome(page).send.click();
  await expect(page.getByRole('heading', { name: /saved/i })).toBeVisible();
  await page.close();

  await context.setOffline(false);
  const later = await context.newPage();
  await later.goto(card(demo, 'welcome'));
  await delivered(demo, email);
  await expect.poll(() => kept(later), { message: 'nothing is left behind' }).toBe(0);
});
