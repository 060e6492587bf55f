// Lighthouse on the demo's pages: mobile preset, several runs, the median of each figure.
// Started by `cargo xtask lighthouse`; addresses on the command line are measured instead of a demo of its own.

import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { chromiumArguments, chromiumProgram, startDemo } from '../src/demo.mjs';

const FIGURES = [
  ['performance', (report) => report.categories.performance?.score * 100, 0],
  ['accessibility', (report) => report.categories.accessibility?.score * 100, 0],
  ['best practices', (report) => report.categories['best-practices']?.score * 100, 0],
  ['SEO', (report) => report.categories.seo?.score * 100, 0],
  ['FCP ms', (report) => report.audits['first-contentful-paint']?.numericValue, 0],
  ['LCP ms', (report) => report.audits['largest-contentful-paint']?.numericValue, 0],
  ['TBT ms', (report) => report.audits['total-blocking-time']?.numericValue, 0],
  ['CLS', (report) => report.audits['cumulative-layout-shift']?.numericValue, 3],
  ['KiB', (report) => report.audits['total-byte-weight']?.numericValue / 1024, 0],
];

const args = process.argv.slice(2);
const at = args.indexOf('--runs');
const runs = at >= 0 ? Number(args.splice(at, 2)[1]) : 5;

const demo = args.length > 0 ? undefined : await startDemo('sqlite', ['--visitor-limit', 'off']);
const urls = demo
  ? ['', '/c/welcome', '/c/flavour-poll'].map((path) => `${demo.origin}${demo.hub}${path}`)
  : args;

function median(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[Math.floor(sorted.length / 2)] : Number.NaN;
}

const chrome = await launch({
  chromePath: chromiumProgram(),
  chromeFlags: ['--headless=new', '--disable-gpu', ...chromiumArguments()],
});
let failed = false;
try {
  console.log(`Lighthouse, mobile preset (simulated slow 4G, 4x CPU), median of ${runs}\n`);
  console.log(`| page | ${FIGURES.map(([name]) => name).join(' | ')} |`);
  console.log(`|---|${FIGURES.map(() => '---:').join('|')}|`);
  for (const url of urls) {
    const reports = [];
    for (let run = 0; run < runs; run += 1) {
      const result = await lighthouse(url, { port: chrome.port, output: 'json', logLevel: 'error' });
      if (result?.lhr.runtimeError) {
        console.error(`${url}: ${result.lhr.runtimeError.message}`);
        failed = true;
      } else if (result) {
        reports.push(result.lhr);
      }
    }
    const row = FIGURES.map(([, read, digits]) => median(reports.map(read)).toFixed(digits));
    console.log(`| ${new URL(url).pathname} | ${row.join(' | ')} |`);
    if (reports.length === 0) failed = true;
    for (const audit of Object.values(reports[0]?.audits ?? {})) {
      const counts = audit.score !== null && audit.score < 1 && audit.scoreDisplayMode === 'binary';
      if (counts) console.log(`  not passed: ${audit.id}: ${audit.title}`);
    }
  }
} finally {
  await chrome.kill();
  await demo?.stop();
}
process.exitCode = failed ? 1 : 0;
