// One demo per database for the whole run: tests do not disturb each other because each uses people of its own.

import { type Demo, databases, startDemo } from './demo.mjs';

export default async function setup(): Promise<() => Promise<void>> {
  const demos: Demo[] = [];
  for (const database of databases()) {
    // All browsers of a run share one address: the limit per visitor would see one person in a great hurry.
    const demo = await startDemo(database, ['--visitor-limit', 'off']);
    const { stop: _, ...addresses } = demo;
    process.env[`KOMO_E2E_${database.toUpperCase()}`] = JSON.stringify(addresses);
    demos.push(demo);
  }
  return async () => {
    await Promise.all(demos.map((demo) => demo.stop()));
  };
}
