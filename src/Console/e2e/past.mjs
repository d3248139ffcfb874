// Calls of the past: found, opened, played back with their curve, alert and outcome.
import assert from 'node:assert/strict';
import { axe, desk, live, until } from './browser.mjs';
import { script } from './ask.mjs';

await script(async (browser, { base, sue }) => {
  const one = await desk(browser, { base, token: sue });
  const { page } = one;
  await live(page);
  await page.keyboard.press('2');
  await page.getByRole('heading', { name: 'Past calls' }).waitFor();
  await page.locator('tbody tr').nth(2).waitFor();
  assert.equal(await page.locator('tbody tr').count(), 3);
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await axe(page, `past calls, ${theme}`);
  }
  await page.getByLabel('At least').selectOption({ label: 'Critical' });
  assert.equal(await page.locator('tbody tr').count(), 1);
  await page.getByRole('searchbox').fill('nobody');
  await page.getByText('No call fits').waitFor();
  await page.getByRole('searchbox').fill('susan');
  await page.locator('tbody a').click();

  await page.getByText('I want to speak to your manager.').first().waitFor();
  await page.getByText('Credit given').waitFor();
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await axe(page, `replay, ${theme}`);
  }
  // At the beginning nothing has been said yet; a moment on, its words are there.
  const slider = page.getByRole('slider', { name: 'Moment of the call' });
  await slider.fill('0');
  await until(page, 'an empty transcript', () => document.querySelectorAll('.words').length === 0);
  await page.keyboard.press('Escape');
  await page.locator('tbody tr').first().waitFor();
  await page.locator('tbody a').click();
  await page.locator('.words').first().waitFor();
  await slider.fill('10');
  assert.equal(await page.locator('.words', { hasText: 'I want to speak to your manager.' }).count(), 0);
  await page.getByRole('button', { name: 'Next moment' }).click();
  await until(page, 'the moment', () => Number(document.querySelector('.player input').value) > 13);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press(' ');
  await until(page, 'playing', () => document.querySelector('.player button').getAttribute('aria-label') === 'Pause');
  await until(page, 'the words as they come', () => [...document.querySelectorAll('.words')].some(each => each.textContent.includes('I want to speak to your manager.')));
  await one.done();
});
