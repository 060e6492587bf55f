// Makes the pictures of the README: the demo hub on a phone and on a desktop side by side, and a person in the sandbox.
// Run it when their look has changed: `cargo build -p komo && node e2e/pictures.mjs`. Nothing else depends on it.

import { chromium } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumArguments, chromiumProgram, startDemo } from './src/demo.mjs';
import { writeWebp } from './src/webp.mjs';

const folder = join(import.meta.dirname, '../docs/images');
/** A README is shown about 880 pixels wide, twice that on sharp screens. */
const WIDTH = 1760;
const QUALITY = 0.9;

const demo = await startDemo('sqlite');
const browser = await chromium.launch({ executablePath: chromiumProgram(), args: chromiumArguments() });
try {
  mkdirSync(folder, { recursive: true });
  const desktop = await look({ viewport: { width: 1140, height: 800 }, deviceScaleFactor: 2 }, `${demo.origin}${demo.hub}`);
  const phone = await look({ viewport: { width: 390, height: 760 }, deviceScaleFactor: 2 }, `${demo.origin}${demo.hub}/c/flavour-poll`, votes);
  await writeWebp(browser, join(folder, 'demo.webp'), await composed(desktop, phone), QUALITY);
  const profile = await look({ viewport: { width: 1120, height: 900 }, deviceScaleFactor: 1.25 }, await joined(), undefined, true);
  await writeWebp(browser, join(folder, 'sandbox.webp'), profile, QUALITY);
} finally {
  await browser.close();
  await demo.stop();
}

/** A few neighbours vote first, so that there is something to see; then the person in front of the camera. */
async function votes(page) {
  const neighbours = [0, 0, 1, 3, 0, 1, 2, 0, 1, 0, 3, 1, 0];
  for (const choice of neighbours) {
    const option = ['pistachio', 'fig', 'blood-orange', 'espresso'][choice];
    const plays = `${demo.origin}${demo.hub}/c/flavour-poll/plays`;
    const json = { 'Content-Type': 'application/json' };
    const { moves } = await (await fetch(plays, { method: 'POST', headers: json, body: '{}' })).json();
    await fetch(demo.origin + moves, { method: 'POST', headers: json, body: JSON.stringify({ option }) });
  }
  await page.getByLabel('Fig and ricotta').check();
  await page.getByRole('button', { name: 'Vote' }).click();
  await page.locator('[data-total]').waitFor();
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
}

/** The address of somebody who has just joined. */
async function joined() {
  const page = await browser.newPage({ locale: 'en-GB' });
  await page.goto(`${demo.origin}${demo.hub}/c/welcome?utm_source=poster`);
  await page.getByLabel(/^e-mail/i).fill('ada@example.com');
  await page.getByLabel(/^first name/i).fill('Ada');
  await page.getByLabel(/^last name/i).fill('Lovelace');
  await page.getByLabel(/^country/i).selectOption('IT');
  await page.getByLabel(/^favourite flavour/i).fill('Basil');
  await page.getByLabel(/sunday letter/i).check();
  await page.getByRole('button', { name: 'Count me in' }).click();
  await page.getByRole('heading', { name: /^grazie/i }).waitFor();
  await page.close();
  for (;;) {
    const answer = await fetch(`${demo.sandbox}/sandbox/profiles?q=ada@example.com`, { headers: { accept: 'application/json' } });
    const [person] = (await answer.json()).profiles;
    if (person) return `${demo.sandbox}/sandbox/profiles/${person.braze_id}?format=html`;
  }
}

async function look(screen, address, act, whole = false) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Rome', reducedMotion: 'reduce', ...screen });
  const page = await context.newPage();
  await page.goto(address, { waitUntil: 'networkidle' });
  await act?.(page);
  const picture = await page.screenshot({ fullPage: whole });
  await context.close();
  return picture;
}

/** The phone beside the desktop, a little in front of it. */
async function composed(desktop, phone) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 796 }, deviceScaleFactor: WIDTH / 1400 });
  const source = (png) => `data:image/png;base64,${png.toString('base64')}`;
  await page.setContent(`<style>
    body { margin: 0; background: transparent }
    img { position: absolute; display: block }
    .desktop { left: 14px; top: 14px; width: 1060px; border-radius: 14px; box-shadow: 0 0 0 1px #2b12301f, 0 10px 34px #2b123033 }
    .phone { right: 14px; top: 72px; width: 344px; border: 9px solid #221a2c; border-radius: 44px; box-shadow: 0 12px 40px #2b123066 }
  </style><img class="desktop" src="${source(desktop)}"><img class="phone" src="${source(phone)}">`);
  const picture = await page.screenshot({ omitBackground: true });
  await page.close();
  return picture;
}
