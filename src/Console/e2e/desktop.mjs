// Notifications of the desktop: with sound, not in quiet hours, and with nobody's number or words on a locked screen.
import assert from 'node:assert/strict';
import { desk, live, until } from './browser.mjs';
import { ask, script } from './ask.mjs';

await script(async (browser, { base, sue }) => {
  const one = await desk(browser, { base, permissions: ['notifications'] });
  const { page } = one;
  await page.addInitScript(() => {
    globalThis.shown = [];
    globalThis.tones = 0;
    ServiceWorkerRegistration.prototype.showNotification = async function (title, options) { globalThis.shown.push({ title, ...options }); };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...args) { globalThis.tones++; return start.apply(this, args); };
  });
  await page.reload();
  await page.getByLabel('Access token').fill(sue);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await live(page);
  await until(page, 'the worker', async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated');

  await page.keyboard.press('p');
  await page.getByText('Notifications of the desktop').click();
  await page.keyboard.press('Escape');
  await ask('bad-call', 'anna');
  await until(page, 'the notification', () => globalThis.shown.length === 1);
  const [{ title, body, tag }] = await page.evaluate(() => globalThis.shown);
  assert.equal(title, 'Critical: anna (billing)');
  assert.equal(body, 'Asks for a manager');
  assert.ok(tag.length > 0);
  await until(page, 'the sound', () => globalThis.tones >= 3);

  // Quiet all day long: the alert is on the wall, and nothing else.
  await page.keyboard.press('p');
  await page.getByText('Quiet hours').click();
  await page.getByRole('dialog').getByLabel('From', { exact: true }).fill('00:00');
  await page.getByRole('dialog').getByLabel('To', { exact: true }).fill('23:59');
  await page.keyboard.press('Escape');
  const tones = await page.evaluate(() => globalThis.tones);
  await ask('bad-call', 'bert');
  await page.locator('a.alert-chip', { hasText: 'bert' }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.shown.length), 1);
  assert.equal(await page.evaluate(() => globalThis.tones), tones);

  // Installable: manifest, icons of the sizes it names, a worker that answers for the page.
  const manifest = await (await page.request.get(`${base}/manifest.webmanifest`)).json();
  assert.equal(manifest.display, 'standalone');
  for (const icon of manifest.icons.filter(each => each.type === 'image/png')) {
    const bytes = await (await page.request.get(base + icon.src)).body();
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, icon.sizes);
  }
  const session = await page.context().newCDPSession(page);
  assert.deepEqual((await session.send('Page.getInstallabilityErrors')).installabilityErrors.filter(each => each.errorId !== 'in-incognito'), []);
  await one.done();
});
