// How the browser tests run: each of them on a phone and on a desktop, and on each database there is.
// No retries: a test that fails now and then is a defect of the product or of the test.

import { defineConfig, type Project } from '@playwright/test';
import { chromiumArguments, chromiumProgram, databases } from './src/demo.mjs';
import type { Options } from './src/test.ts';

const screens = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  desktop: { viewport: { width: 1280, height: 800 } },
};

const projects: Project<Options>[] = databases().flatMap((database) =>
  Object.entries(screens).map(([screen, use]) => ({
    name: `${database}-${screen}`,
    use: { ...use, database },
  })),
);

export default defineConfig<Options>({
  testDir: 'tests',
  outputDir: 'test-results',
  globalSetup: './src/global-setup.ts',
  projects,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 30_000,
  expect: { timeout: 7_000 },
  reporter: [['list']],
  use: {
    locale: 'en-GB',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromiumProgram(),
      args: chromiumArguments(),
    },
  },
});
