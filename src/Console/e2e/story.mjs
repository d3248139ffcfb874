// The whole story: a real call goes bad, the agent gets one prompt that cites the history, the supervisor claims and whispers,
// the score falls, the outcome is recorded.
import assert from 'node:assert/strict';
import { desk, live, until } from './browser.mjs';
import { ask, script } from './ask.mjs';

const LONG = 200_000;

await script(async (browser, { base, sue, susan }) => {
  const agent = await desk(browser, { base, token: susan, width: 360, height: 760, theme: 'light' }), lead = await desk(browser, { base, token: sue, theme: 'dark' });
  agent.page.setDefaultTimeout(LONG);
  lead.page.setDefaultTimeout(LONG);
  await live(agent.page);
  await live(lead.page);
  await ask('call');

  // It goes bad: the alert is on the wall, the prompt on the agent's screen.
  await lead.page.locator('a.alert-chip').first().waitFor();
  const prompted = agent.page.locator('article.prompt').waitFor();
  await lead.page.keyboard.press('u');
  await lead.page.locator('ea-call .call-head').waitFor();
  await lead.page.locator('button.reason').first().waitFor();
  await prompted;
  assert.equal(await agent.page.locator('article.prompt').count(), 1);
  const cited = await agent.page.locator('.citations li').first().innerText();
  console.log(`The prompt cites: ${cited}`);
  assert.match(cited, new RegExp(await ask('cites')));
  assert.equal(await agent.page.locator('.history-lines li').count(), 3);

  await agent.page.keyboard.press('a');
  await agent.page.locator('article.prompt').waitFor({ state: 'detached' });

  // It gets worse all the same, and the supervisor takes it in hand.
  await until(lead.page, 'the worst of the call', () => Number(document.querySelector('.call-risk b')?.textContent) >= 95, undefined, LONG);
  await lead.page.keyboard.press('c');
  await lead.page.getByText('You hold it').waitFor();

  // Whisper: the supervisor's phone is called, and only the agent hears it.
  await lead.page.locator('[data-mode=WHISPER][aria-disabled=false]').waitFor();
  await lead.page.keyboard.press('w');
  await lead.page.locator('.on-call', { hasText: 'The agent hears you' }).waitFor();
  assert.equal(await ask('who-hears-the-supervisor'), 'agent');

  // The score falls below what it was when the supervisor took it up.
  const risk = () => lead.page.locator('.call-risk b').innerText().then(Number);
  const before = await risk();
  await until(lead.page, `a fall from ${before}`, from => Number(document.querySelector('.call-risk b')?.textContent) <= from - 5, before, LONG);
  console.log(`Risk ${before}, then ${await risk()}`);
  await lead.page.keyboard.press('q');
  await lead.page.locator('.on-call').waitFor({ state: 'detached' });

  await lead.page.keyboard.press('f');
  await lead.page.getByRole('dialog').getByRole('button', { name: 'Technician booked' }).click();
  await lead.page.getByRole('dialog').getByLabel('Note (optional)').fill('Whispered the fault; line switched on again.');
  await lead.page.getByRole('dialog').getByRole('button', { name: 'Record' }).click();
  await lead.page.locator('[data-outcome]', { hasText: 'Technician booked' }).waitFor();
  await lead.page.keyboard.press('r');
  await lead.page.getByRole('dialog').getByRole('button', { name: 'Supervisor helped' }).click();
  await lead.page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
  await lead.page.locator('.held', { hasText: 'Resolved' }).waitFor();
  await agent.done();
  await lead.done();
});
