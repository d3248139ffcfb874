// Who is let in, where they come, and what stays in the browser: the token in this tab, the shell in the worker's cache, nothing else.
import assert from 'node:assert/strict';
import { axe, desk, live, signIn, until } from './browser.mjs';
import { ask, script } from './ask.mjs';

await script(async (browser, { base, sue, susan }) => {
  const refused = [/401/, /status of 401/];
  const one = await desk(browser, { base, expected: refused });
  const { page, context } = one;
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await axe(page, `sign-in, ${theme}`);
  }

  await page.getByLabel('Access token').fill('ea1.forged.token');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'not accepted' }).waitFor();
  await page.getByLabel('Access token').fill('with a space and ümlaut');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'not an access token' }).waitFor();

  const addresses = [];
  page.on('request', request => addresses.push(request.url()));
  await signIn(page, sue);
  await live(page);
  await page.getByRole('heading', { name: 'Live calls' }).waitFor();
  await page.getByText('Daniel').or(page.getByText('+12025550147')).first().waitFor();
  await page.locator('a.row').first().click();
  await page.getByText('I was charged twice').waitFor();

  assert.ok(addresses.every(url => url.startsWith(base)), 'nothing is fetched from elsewhere');
  assert.ok(addresses.every(url => !url.includes(sue.slice(0, 24))), 'the token is in no address');
  assert.ok(!page.url().includes('ea1.'));
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await page.evaluate(token => JSON.stringify(localStorage).includes(token), sue), false, 'the token is not kept beyond the tab');
  assert.equal(await page.evaluate(() => sessionStorage.length), 1);

  // The worker has the shell and nothing of what people said or who they are.
  await until(page, 'the worker', async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated');
  const kept = await page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) all.push({ path: new URL(request.url).pathname, text: await (await caches.match(request)).text() });
    return all;
  });
  assert.ok(kept.length >= 8, `${kept.length} files`);
  for (const { path, text } of kept) {
    assert.match(path, /^\/$|^\/assets\/|^\/icon|^\/manifest\.webmanifest$/);
    for (const secret of ['12025550147', 'charged twice', 'susan', 'Daniel', sue.slice(0, 40)]) assert.ok(!text.includes(secret), `${path} holds «${secret}»`);
  }

  // It opens without a network, and says that nothing can be reached.
  await page.reload();
  await live(page);
  assert.equal(await page.evaluate(() => navigator.serviceWorker.controller !== null), true);
  await ask('stop-serving');
  await page.locator('[data-connection=reconnecting]').waitFor();
  await page.reload();
  await page.locator('ea-sign-in').waitFor();
  await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
  one.wrong.length = 0;   // what a browser writes about a server that is gone
  await one.done();
  assert.ok(susan.length > 0);
});
