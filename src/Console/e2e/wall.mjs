// Two hundred live calls on the wall: ranked, drawn as far as they are in sight, worked by keyboard, readable for everybody.
import assert from 'node:assert/strict';
import { axe, desk, live, until } from './browser.mjs';
import { script } from './ask.mjs';

await script(async (browser, { base, sue }) => {
  const one = await desk(browser, { base, token: sue, width: 1600, height: 1000 });
  const { page } = one;
  await live(page);
  await page.getByText('200 calls').waitFor();
  await until(page, 'the ranking', () => document.querySelectorAll('a.row .row-wait b').length >= 3);

  const drawn = await page.locator('a.row').count();
  assert.ok(drawn >= 8 && drawn <= 40, `${drawn} of 200 lines are drawn`);
  assert.match(await page.locator('a.row').first().innerText(), /susan/);
  assert.equal(await page.locator('a.row').first().locator('svg.glyph').getAttribute('aria-label'), 'Critical');
  assert.equal(await page.locator('li[aria-setsize="200"]').count(), drawn);

  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await axe(page, `wall, ${theme}`);
  }

  // The keyboard alone: down, down, up, open, words, close; the focus is where it was.
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-call'));
  assert.ok(focused !== null);
  await page.keyboard.press('Enter');
  await page.locator('ea-call .call-head').waitFor();
  assert.ok(page.url().endsWith(focused));
  await page.keyboard.press('Escape');
  await page.locator('ea-call').waitFor({ state: 'detached' });
  await until(page, 'the focus', id => document.activeElement?.getAttribute('data-call') === id, focused);

  // u: the one that waits longest.
  await page.keyboard.press('u');
  await page.getByText('I was charged twice').waitFor();
  await page.locator('mark').first().waitFor();
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await axe(page, `open call, ${theme}`);
  }

  // A reason leads to its words.
  await page.locator('button.reason[data-cue=asks_for_manager]').first().click();
  await page.locator('.words.found', { hasText: 'I want to speak to your manager.' }).waitFor();

  // What the keys are, and the preferences.
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Claim it').waitFor();
  await axe(page, 'keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('p');
  await page.getByRole('dialog').getByText('Quiet hours').waitFor();
  await axe(page, 'preferences');
  await page.getByText('Single letters act as keys').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('ea-call').waitFor({ state: 'detached' });
  await page.keyboard.press('u');
  await page.waitForTimeout(300);
  assert.equal(await page.locator('ea-call').count(), 0, 'letters do nothing when they are switched off');
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await live(page);

  // The end of the list, and a filter.
  await page.locator('.list').evaluate(list => { list.scrollTop = list.scrollHeight; });
  await page.locator('li[aria-posinset="200"]').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('susan');
  await page.getByText('1 call', { exact: false }).waitFor();
  assert.equal(await page.locator('a.row').count(), 1);
  await page.keyboard.press('Escape');
  await page.getByRole('searchbox').fill('nobody of that name');
  await page.getByText('No call fits').waitFor();
  await axe(page, 'empty list');
  await page.getByRole('button', { name: 'Show all calls' }).click();

  // Across the room: twice as large, and still nothing cut off at the side.
  await page.keyboard.press('z');
  await until(page, 'large type', () => parseFloat(getComputedStyle(document.documentElement).fontSize) >= 22);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  const risk = await page.locator('.row-risk b').first().evaluate(element => parseFloat(getComputedStyle(element).fontSize));
  assert.ok(risk >= 36, `the risk is ${risk} px high`);
  await page.keyboard.press('z');
  await one.done();

  // Half the width: 320 CSS pixels wide nothing scrolls sideways (WCAG 1.4.10).
  const narrow = await desk(browser, { base, token: sue, width: 320, height: 640 });
  await live(narrow.page);
  await narrow.page.locator('a.row').first().waitFor();
  assert.deepEqual(await narrow.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > innerWidth).map(each => `${each.tagName}.${each.getAttribute('class')}`)), []);
  await axe(narrow.page, 'narrow wall');
  await narrow.done();
});
