// Pictures for the documentation as WebP, made by the browser: a third of the size, and as crisp.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {string} file
 * @param {Buffer} png
 * @param {number} quality from 0 to 1
 */
export async function writeWebp(browser, file, png, quality) {
  const page = await browser.newPage();
  const webp = await page.evaluate(
    async ({ png, quality }) => {
      const image = await createImageBitmap(await (await fetch(png)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
      return [...new Uint8Array(await blob.arrayBuffer())];
    },
    { png: `data:image/png;base64,${png.toString('base64')}`, quality },
  );
  await page.close();
  writeFileSync(file, Buffer.from(webp));
  console.log(`${basename(file)}: ${Math.round(webp.length / 1024)} KiB`);
}
