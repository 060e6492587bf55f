// The hub's first page: light, quiet, and for everybody.

import { card, expect, expectAccessible, expectNoSidewaysScroll, test } from '../src/test.ts';

const KIB = 1024;

/** What we make before the author's images: everything but pictures. */
const OURS = ['document', 'stylesheet', 'script', 'font', 'fetch', 'xhr'];

for (const [name, path] of [
  ['the hub', (hub: string) => hub],
  ['the welcome card', (hub: string) => `${hub}/c/welcome`],
  ['the poll', (hub: string) => `${hub}/c/flavour-poll`],
] as const) {
  test(`${name} weighs little on the first visit`, async ({ page, demo, watch }) => {
    await page.goto(path(demo.hub), { waitUntil: 'networkidle' });
    let script = 0;
    let ours = 0;
    for (const request of watch.requests) {
      if (!OURS.includes(request.resourceType())) continue;
      const { responseBodySize } = await request.sizes();
      ours += responseBodySize;
      if (request.resourceType() === 'script') script += responseBodySize;
    }
    expect(ours, 'something was counted').toBeGreaterThan(0);
    expect(script, 'JavaScript, compressed').toBeLessThanOrEqual(20 * KIB);
    expect(ours, 'HTML, CSS, JavaScript and fonts, compressed').toBeLessThanOrEqual(60 * KIB);
  });
}

test('every picture has its size and every one that is seen has loaded', async ({ page, demo }) => {
  await page.goto(demo.hub, { waitUntil: 'networkidle' });
  const pictures = await page.locator('img').evaluateAll((images) =>
    (images as HTMLImageElement[]).map((image) => ({
      source: image.src,
      sized: image.hasAttribute('width') && image.hasAttribute('height'),
      broken: image.complete && image.naturalWidth === 0,
    })),
  );
  expect(pictures.length).toBeGreaterThan(0);
  expect(pictures.filter((picture) => !picture.sized || picture.broken)).toEqual([]);
});

test('answers carry a policy that allows no foreign and no inline code', async ({ page, demo }) => {
  const answer = await page.goto(demo.hub);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/default-src 'none'/);
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
  expect(answer?.headers()['x-content-type-options']).toBe('nosniff');
});

test('a card is one step away', async ({ page, demo }) => {
  await page.goto(demo.hub);
  await page.getByRole('link', { name: 'Join the club' }).first().click();
  await expect(page).toHaveURL(new RegExp(`${card(demo, 'welcome')}$`));
  await expect(page.getByRole('heading', { level: 1, name: 'Join the counter club' })).toBeVisible();
});

test('the page speaks the language that is asked for', async ({ page, demo }) => {
  await page.goto(demo.hub);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});

for (const path of ['', '/flavours', '/c/welcome', '/c/flavour-poll', '/c/sundays', '/c/postcards', '/terms/terms', '/no-such-page']) {
  test(`nothing is cut off on 320 pixels: ${path || '/'}`, async ({ page, demo, watch }) => {
    watch.allow(/status of 404/);
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(demo.hub + path);
    await expectNoSidewaysScroll(page);
  });
}

test('twice the text size still fits', async ({ page, demo }) => {
  await page.goto(card(demo, 'welcome'));
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%';
  });
  await expectNoSidewaysScroll(page);
});

test('who asks for less motion sees none', async ({ page, demo }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const path of [demo.hub, card(demo, 'welcome'), card(demo, 'flavour-poll')]) {
    await page.goto(path, { waitUntil: 'networkidle' });
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => animation.playState === 'running')
        .map((animation) => (animation as CSSAnimation).animationName ?? animation.id),
    );
    expect(moving, path).toEqual([]);
  }
});

test('the skip link is the first stop of the keyboard', async ({ page, demo }) => {
  await page.goto(demo.hub);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: /skip/i });
  await expect(skip).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
});

for (const [name, path] of [
  ['the hub', ''],
  ['a second page', '/flavours'],
  ['a card with a form', '/c/welcome'],
  ['a card with every kind of field', '/c/sundays'],
  ['a poll', '/c/flavour-poll'],
  ['a card that is over', '/c/postcards'],
  ['the terms', '/terms/terms'],
  ['a page that is not there', '/no-such-page'],
] as const) {
  test(`axe finds nothing: ${name}`, async ({ page, demo, watch }) => {
    watch.allow(/status of 404/);
    await page.goto(demo.hub + path);
    await expectAccessible(page);
  });
}

test('a page that is not there says so and shows the way', async ({ page, demo, watch }) => {
  watch.allow(/status of 404/);
  const answer = await page.goto(`${demo.hub}/no-such-page`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We cannot find that page');
  await page.getByRole('link', { name: 'To the start page' }).click();
  await expect(page).toHaveURL(new RegExp(`${demo.hub}$`));
});

test('a card that is over says so and takes nothing', async ({ page, demo }) => {
  await page.goto(card(demo, 'postcards'));
  await expect(page.getByText(/over|closed/i).first()).toBeVisible();
  await expect(page.locator('main form')).toHaveCount(0);
});

for (const path of ['/h/no-such-hub', '/h/no-such-hub/c/no-such-card', '/nothing-here']) {
  test(`an address of no hub is answered for people: ${path}`, async ({ page, watch }) => {
    watch.allow(/status of 404/);
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('We cannot find that page');
    await expectAccessible(page);
  });
}
