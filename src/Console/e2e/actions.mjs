// Two supervisors and one alert: claimed by one, refused to the other, noted, given an outcome, dismissed only with a reason.
import assert from 'node:assert/strict';
import { axe, desk, live } from './browser.mjs';
import { ask, script } from './ask.mjs';

await script(async (browser, { base, sue, tom }) => {
  const one = await desk(browser, { base, token: sue }), two = await desk(browser, { base, token: tom, theme: 'dark' });
  for (const each of [one, two]) {
    await live(each.page);
    await each.page.locator('a.alert-chip').first().click();
    await each.page.getByText('I was charged twice').waitFor();
  }
  // Who may not see whom sees no number.
  await one.page.locator('.call-head', { hasText: '+12025550147' }).waitFor();
  await two.page.locator('.call-head', { hasText: 'Customer not shown' }).waitFor();
  assert.ok(!(await two.page.locator('body').innerText()).includes('12025550147'));

  await one.page.keyboard.press('c');
  await one.page.getByText('You hold it').waitFor();
  await two.page.getByText('sue holds it').waitFor();
  await one.page.locator('.strip', { hasText: 'No alert waits' }).waitFor();
  await two.page.keyboard.press('c');
  await two.page.locator('.notice.bad').waitFor();
  assert.deepEqual(JSON.parse(await ask('alert')).holder, 'sue');

  await one.page.keyboard.press('n');
  await one.page.getByRole('dialog').getByLabel('Note').fill('Called before about the same charge.');
  await axe(one.page, 'note');
  await one.page.keyboard.press('Control+Enter');
  await two.page.getByText('Called before about the same charge.').waitFor();

  await one.page.keyboard.press('f');
  await one.page.getByRole('dialog').getByRole('button', { name: 'Credit given' }).click();
  await axe(one.page, 'outcome');
  await one.page.getByRole('dialog').getByRole('button', { name: 'Record' }).click();
  await two.page.locator('[data-outcome]', { hasText: 'Credit given' }).waitFor();

  // A dismissal without a reason is not sent.
  await one.page.keyboard.press('d');
  await one.page.getByRole('dialog').getByRole('button', { name: 'Dismiss' }).click();
  await one.page.getByRole('alert').filter({ hasText: 'Please say why.' }).waitFor();
  await one.page.keyboard.press('Escape');
  await one.page.getByRole('dialog').waitFor({ state: 'hidden' });
  // What the other desk just wrote may cross the wish to give back: then it is pressed again, as a person would.
  for (let tries = 0; tries < 5 && !(await two.page.locator('[data-action=claim]').isVisible()); tries++) {
    await one.page.keyboard.press('x');
    await two.page.locator('[data-action=claim]').waitFor({ timeout: 10_000 }).catch(() => {});
  }
  await two.page.locator('[data-action=claim]').waitFor();
  await two.page.keyboard.press('c');
  await two.page.getByText('You hold it').waitFor();
  await two.page.keyboard.press('d');
  await two.page.getByRole('dialog').getByRole('button', { name: 'Already under control' }).click();
  await axe(two.page, 'dismiss');
  await two.page.getByRole('dialog').getByRole('button', { name: 'Dismiss' }).click();
  await one.page.getByText('Already under control').first().waitFor();
  const alert = JSON.parse(await ask('alert'));
  assert.equal(alert.state, 'Dismissed');
  assert.equal(alert.closedBy, 'tom');
  assert.equal(alert.closedReason, 'Already under control');
  assert.equal(alert.disposition, 'Credit given');
  assert.ok(alert.shownTo.includes('sue') && alert.shownTo.includes('tom'), 'the appliance knows who saw it');

  // A call that moves to another team leaves the desk with its words.
  await ask('move');
  await one.page.getByText('Not yours any more').waitFor();
  assert.ok(!(await one.page.locator('body').innerText()).includes('charged twice'));
  await one.done();
  await two.done();
});
