// The card `welcome` of the demo, in the words that a person reads.

import type { Locator, Page } from '@playwright/test';

export function welcome(page: Page) {
  return {
    email: page.getByLabel(/^e-mail/i),
    firstName: page.getByLabel(/^first name/i),
    lastName: page.getByLabel(/^last name/i),
    country: page.getByLabel(/^country/i),
    flavour: page.getByLabel(/^favourite flavour/i),
    newsletter: page.getByLabel(/sunday letter/i),
    send: page.getByRole('button', { name: 'Count me in' }),
    thanks: page.getByRole('heading', { name: /^grazie/i }),
    again: page.getByRole('heading', { name: /already in/i }),
    problem: page.getByRole('heading', { name: 'There is a problem' }),
  };
}

/** Presses Tab until the thing has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, wanted: Locator, most = 60): Promise<void> {
  for (let presses = 0; presses < most; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`not reached by ${most} presses of Tab: ${wanted}`);
}
