// The wire is cut, falls silent, comes back: the desk says so, goes on where it was, and tells what was missed.
import assert from 'node:assert/strict';
import { desk, live, until } from './browser.mjs';
import { ask, script } from './ask.mjs';
import { wire } from './proxy.mjs';

await script(async (browser, { base, sue }) => {
  const proxy = await wire(base);
  const one = await desk(browser, { base: proxy.base, token: sue, expected: [/ERR_/, /Failed to load/] });
  const { page } = one;
  await live(page);
  await page.locator('a.alert-chip').first().click();
  await page.getByText('I was charged twice').waitFor();
  const place = page.url();

  proxy.cut();
  await page.locator('[data-connection=reconnecting]').waitFor();
  await page.getByText(/Reconnecting since \d\d:\d\d:\d\d/).first().waitFor();
  await ask('bad-call', 'anna');
  await ask('words', 'What was said while nobody listened.');
  proxy.mend();
  await live(page);
  assert.equal(page.url(), place);
  await page.getByText('What was said while nobody listened.').waitFor();
  await page.locator('.banner', { hasText: 'While reconnecting' }).filter({ hasText: '1 opened' }).waitFor();
  await page.locator('a.alert-chip', { hasText: 'anna' }).waitFor();
  assert.equal(await page.locator('.words', { hasText: 'I was charged twice' }).count(), 1, 'nothing is there twice');
  await page.getByRole('button', { name: 'Got it' }).click();

  // Silence without an end: first stale, with the time, then given up and come back.
  proxy.silence();
  await page.locator('[data-connection=stale]').waitFor();
  await page.getByText(/Stale since \d\d:\d\d:\d\d/).first().waitFor();
  await page.locator('[data-connection=reconnecting]').waitFor();
  proxy.close();

  // Away: the tab is hidden, and an alert opens.
  const other = await desk(browser, { base, token: sue });
  await live(other.page);
  const hide = hidden => other.page.evaluate(value => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  await ask('bad-call', 'bert');
  await until(other.page, 'the title', () => document.title.startsWith('(3)'));
  await hide(false);
  await other.page.locator('.banner', { hasText: 'While you were away' }).filter({ hasText: '1 opened' }).waitFor();
  await other.done();

  // A token that ends: signed out with a sentence, and nothing of the calls is left on the page.
  const short = await ask('short-token');
  const last = await desk(browser, { base, token: short, expected: [/401/] });
  await live(last.page);
  await last.page.locator('ea-sign-in').waitFor();
  await last.page.getByRole('alert').filter({ hasText: 'no longer good' }).waitFor();
  assert.ok(!(await last.page.locator('body').innerText()).includes('susan'));
  assert.equal(await last.page.evaluate(() => sessionStorage.length), 0);
  await last.done();
});
