// What every script here needs of a browser: Debian's Chromium, a page that collects what goes wrong in it, signing in, axe.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PATIENCE = 60_000;

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
  });
}

/** A desk of its own: storage, worker and all. Errors in its page fail the script when it is closed by `done`. */
export async function desk(browser, { base, token, theme = 'light', width = 1600, height = 1000, scale = 1, motion = 'reduce', permissions = [], expected = [] }) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme: theme, reducedMotion: motion, ignoreHTTPSErrors: true, permissions });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage(), wrong = [];
  page.on('pageerror', error => wrong.push(error.message));
  page.on('console', message => { if (message.type() === 'error' && !expected.some(pattern => pattern.test(message.text()))) wrong.push(message.text()); });
  await page.goto(base + '/');
  if (token !== undefined) await signIn(page, token);
  return { page, context, wrong, done: async () => { assert.deepEqual(wrong, [], 'nothing goes wrong in the page'); await context.close(); } };
}

export async function signIn(page, token) {
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('header.head').waitFor();
}

export async function live(page) {
  await page.locator('[data-connection=live]').waitFor();
}

/** axe finds nothing at all: WCAG 2.2 A and AA, and its best practices. */
export async function axe(page, name) {
  await page.evaluate(source => { if (!('axe' in window)) (0, eval)(source); }, axeSource).catch(async () => {
    // The page's own policy forbids eval, as it should: axe comes in from outside of it.
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await session.send('Runtime.evaluate', { expression: axeSource });
  });
  const found = await page.evaluate(async () => (await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
    .violations.map(each => `${each.id}: ${each.help}\n    ${each.nodes.slice(0, 4).map(node => `${node.target.join(' ')} ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`).join('\n    ')}`));
  assert.deepEqual(found, [], `axe: ${name}`);
}

/** Waits for a condition inside the page, and says what it was when it does not come. */
export async function until(page, what, condition, argument, timeout = PATIENCE) {
  try {
    await page.waitForFunction(condition, argument, { timeout, polling: 100 });
  } catch (error) {
    throw new Error(`${what} did not happen: ${error.message}\nPage: ${(await page.locator('body').innerText()).slice(0, 1500)}`);
  }
}
