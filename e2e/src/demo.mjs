// The demo as a process: started on free ports with a fresh folder, its addresses read from what it prints.
// `cargo xtask e2e` sets KOMO_BIN; a test run by hand finds the debug build. Plain JavaScript, because Lighthouse's
// script shares it and runs on Node alone.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** @typedef {'sqlite' | 'postgres'} Database */

/**
 * Where a running demo answers: `origin` is scheme, host and port of the hub's listener, `hub` the path of the demo
 * hub's first page, `sandbox` scheme, host and port of the sandbox, `login` who signs in to the studio.
 * @typedef {{ origin: string, hub: string, sandbox: string, login: { email: string, password: string } }} Addresses
 */

/** @typedef {Addresses & { stop: () => Promise<void> }} Demo */

const START_MS = 60_000;

/**
 * PostgreSQL joins in when there is one.
 * @returns {Database[]}
 */
export function databases() {
  return process.env.KOMO_TEST_PG_URL ? ['sqlite', 'postgres'] : ['sqlite'];
}

/** @returns {string} */
export function chromiumProgram() {
  const named = process.env.KOMO_TEST_CHROMIUM;
  if (named) return named;
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  if (!found) throw new Error('There is no Chromium. Install it, or set KOMO_TEST_CHROMIUM to its program.');
  return found;
}

/**
 * How Chromium is started: without its sandbox for root, to whom it refuses it, and without talk to its maker.
 * @returns {string[]}
 */
export function chromiumArguments() {
  return [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

/** @returns {string} */
function komoProgram() {
  const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../target');
  const program = process.env.KOMO_BIN ?? join(target, 'debug/komo');
  if (!existsSync(program)) {
    throw new Error(`There is no program at ${program}. Build it with \`cargo build -p komo\`, or run \`cargo xtask e2e\`.`);
  }
  return program;
}

/**
 * Starts `komo demo` and waits until it has told its addresses.
 * @param {Database} database
 * @param {string[]} more
 * @returns {Promise<Demo>}
 */
export async function startDemo(database, more = []) {
  const data = mkdtempSync(join(tmpdir(), 'komo-e2e-'));
  const args = ['demo', '--listen', '127.0.0.1:0', '--sandbox-listen', '127.0.0.1:0', '--data', data, ...more];
  if (database === 'postgres') args.push('--database', process.env.KOMO_TEST_PG_URL ?? '');
  const child = spawn(komoProgram(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const said = [];
  try {
    const addresses = await new Promise((done, fail) => {
      /** @type {Map<string, URL>} */
      const found = new Map();
      /** @type {{ email: string, password: string } | undefined} */
      let login;
      const timer = setTimeout(() => fail(new Error(`The demo did not tell its addresses:\n${said.join('\n')}`)), START_MS);
      child.once('error', fail);
      // `close` rather than `exit`: by then everything it printed has been read.
      child.once('close', (code) => {
        clearTimeout(timer);
        fail(new Error(`\`komo ${args.join(' ')}\` ended with ${code} and without its addresses:\n${said.join('\n')}`));
      });
      createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
      createInterface({ input: child.stdout }).on('line', (line) => {
        said.push(line);
        const [, word, url] = /^\s*(hub|sandbox)\b:?\s+(http:\/\/\S+)/.exec(line) ?? [];
        if (word && url) found.set(word, new URL(url));
        const [, email, password] = /^\s*login\s+(\S+@\S+)\s+(\S+)$/.exec(line) ?? [];
        if (email && password) login = { email, password };
        const hub = found.get('hub');
        const sandbox = found.get('sandbox');
        if (!hub || !sandbox || !login) return;
        clearTimeout(timer);
        done({ origin: hub.origin, hub: hub.pathname, sandbox: sandbox.origin, login });
      });
    });
    return { ...addresses, stop: () => end(child, data) };
  } catch (error) {
    await end(child, data);
    throw error;
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} data
 */
async function end(child, data) {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const insist = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(insist);
  }
  rmSync(data, { recursive: true, force: true });
}
