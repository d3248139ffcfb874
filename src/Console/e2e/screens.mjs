// Pictures of the console for the README, of the sample calls as a running appliance tells them:
//   dotnet run --project src/Host -- run -c samples/edgeassist.json --ready-file /tmp/ready.json
//   edgeassist call samples/escalation …, and the other two
//   BASE=http://127.0.0.1:7480 SUE=$(edgeassist token …) SUSAN=$(…) node e2e/screens.mjs docs
// `tests/Console.Tests` does all of that: EDGEASSIST_SCREENS=FOLDER … -explicit only -method '*Screens*'.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { axe, desk, live, until } from './browser.mjs';
import { ask, script } from './ask.mjs';

const folder = process.env.SCREENS;
const WAIT = 200_000;

await script(async (browser, { base, sue, susan }) => {
  const shot = async (page, name) => {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    const size = statSync(join(folder, `${name}.png`)).size;
    if (size > 300 * 1024) throw new Error(`${name}.png has ${size} bytes.`);
    console.log(`${name}.png ${Math.round(size / 1024)} KiB`);
  };
  const both = async (page, name, ready) => {
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme });
      await ready?.();
      await axe(page, `${name}, ${theme}`);
      await shot(page, `${name}-${theme}`);
    }
  };
  const lead = await desk(browser, { base, token: sue, width: 1440, height: 900 }), agent = await desk(browser, { base, token: susan, width: 360, height: 760 });
  lead.page.setDefaultTimeout(WAIT);
  agent.page.setDefaultTimeout(WAIT);
  await live(lead.page);
  await live(agent.page);
  await ask('calls');

  await agent.page.locator('article.prompt').waitFor();
  await until(lead.page, 'two alerts', () => document.querySelectorAll('a.alert-chip').length >= 2, undefined, WAIT);
  await both(lead.page, 'wall');
  await both(agent.page, 'panel');
  await lead.page.locator('a.row', { hasText: 'susan' }).click();
  await lead.page.locator('button.reason').nth(2).waitFor();
  await lead.page.keyboard.press('c');
  await lead.page.getByText('You hold it').waitFor();
  await lead.page.locator('.notice').waitFor({ state: 'detached' });
  await lead.page.locator('button.reason').nth(1).click();
  await both(lead.page, 'call');

  await lead.page.locator('.call-head', { hasText: 'ended' }).or(lead.page.getByText('This call is over')).first().waitFor();
  await lead.page.goto(`${base}/#/past/${lead.page.url().split('/').at(-1)}`);
  await lead.page.locator('.player').waitFor();
  await lead.page.getByRole('slider', { name: 'Moment of the call' }).fill('62');
  await both(lead.page, 'past');
  await lead.done();
  await agent.done();
});
