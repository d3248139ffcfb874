// The agent's side panel beside a CRM, 360 pixels wide: one prompt that cites the history, worked by keyboard, and a supervisor's words.
import assert from 'node:assert/strict';
import { axe, desk, live, until } from './browser.mjs';
import { ask, script } from './ask.mjs';

await script(async (browser, { base, sue, susan }) => {
  const agent = await desk(browser, { base, token: susan, width: 360, height: 760 }), lead = await desk(browser, { base, token: sue });
  const { page } = agent;
  await live(page);
  await page.getByRole('heading', { name: 'No call' }).waitFor();
  await axe(page, 'panel without a call');
  assert.equal(await page.getByRole('link', { name: 'Wall' }).count(), 0, 'an agent has no wall');

  const prompt = JSON.parse(await ask('call-with-history'));
  await page.locator('article.prompt').waitFor();
  assert.equal(await page.locator('article.prompt').count(), 1);
  await page.locator('.citations li').first().waitFor();
  await until(page, 'three lines of history', () => document.querySelectorAll('.history-lines li').length === 3);
  const cited = await page.locator('.citations').innerText();
  assert.ok(cited.includes(prompt.cites), `«${cited}» cites «${prompt.cites}»`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme });
    await axe(page, `panel with a prompt, ${theme}`);
  }
  assert.equal(await ask('prompt-state', 'Shown'), 'Shown');

  // The supervisor sees what was offered, and writes; the agent reads.
  await live(lead.page);
  await lead.page.locator('a.row').first().click();
  await lead.page.getByRole('heading', { name: 'Help for the agent' }).waitFor();
  await lead.page.keyboard.press('m');
  await lead.page.getByRole('dialog').getByLabel('Message').fill('You may give the credit.');
  await lead.page.keyboard.press('Control+Enter');
  await page.locator('.message.unread', { hasText: 'You may give the credit.' }).waitFor();
  await axe(page, 'panel with a message');
  await page.keyboard.press('r');
  await until(page, 'read', () => document.querySelector('.message.unread') === null);
  await lead.page.locator('.timeline .tag', { hasText: 'read' }).waitFor();

  await page.keyboard.press('a');
  await page.locator('article.prompt').waitFor({ state: 'detached' });
  assert.equal(await ask('prompt-state', 'Accepted'), 'Accepted');

  // The transcript when it is wanted.
  await page.keyboard.press('t');
  await page.getByText('I was charged twice').waitFor();
  await axe(page, 'panel with the transcript');
  await agent.done();
  await lead.done();
});
