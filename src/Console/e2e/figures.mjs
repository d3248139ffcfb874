// What the console costs: from an alert's opening to its pixels, and processor and memory over an hour of 200 calls told in a minute or two.
import { readFileSync } from 'node:fs';
import { desk, live, until } from './browser.mjs';
import { ask, script } from './ask.mjs';

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];

/** Processor seconds of the browser and its children. */
function cpu(root) {
  const ticks = pid => { const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return Number(parts[11]) + Number(parts[12]); };
  const of = pid => {
    try {
      return ticks(pid) + readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(each => each !== '').reduce((sum, child) => sum + of(child), 0);
    } catch {
      return 0;   // it ended a moment ago
    }
  };
  return of(root) / 100;
}

await script(async (browser, { base, sue }) => {
  const one = await desk(browser, { base, token: sue, width: 1600, height: 1000 });
  const { page } = one, session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await live(page);
  await ask('two-hundred');
  await page.getByText('200 calls').waitFor();

  const took = [];
  for (let i = 0; i < 60; i++) {
    const callId = await ask('calm-call', String(i));
    await page.evaluate(id => { location.hash = `#/wall/${id}`; }, callId);
    await page.locator('ea-call .call-head').waitFor();
    await page.getByText('No alert stands').waitFor();
    await page.evaluate(() => {
      globalThis.pixels = undefined;
      const seen = new MutationObserver(() => {
        if (document.querySelector('[data-action=claim]') === null) return;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => { globalThis.pixels = performance.timeOrigin + performance.now(); }));   // behind the frame's paint
      });
      seen.observe(document.body, { childList: true, subtree: true });
    });
    const opened = Number(await ask('goes-bad', callId));
    await until(page, 'the pixels', () => globalThis.pixels !== undefined);
    took.push(await page.evaluate(() => globalThis.pixels) - opened);
  }
  took.sort((a, b) => a - b);
  console.log(`alert opened → pixels, 200 live calls beside it, ${took.length} alerts: p50 ${at(took, 0.5).toFixed(0)} ms, p95 ${at(took, 0.95).toFixed(0)} ms, max ${took.at(-1).toFixed(0)} ms`);

  await page.keyboard.press('Escape');
  await page.evaluate(() => { location.hash = '#/wall'; });
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = name => metrics.find(each => each.name === name).value;
    return { heap: of('JSHeapUsedSize') / 2 ** 20, nodes: of('Nodes'), task: of('TaskDuration') };
  };
  const chromium = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number)[0];
  const before = await heap(), used = cpu(chromium), began = Date.now();
  const events = await ask('an-hour');
  await live(page);
  const after = await heap(), seconds = (Date.now() - began) / 1000;
  console.log(`an hour of 200 calls (${events} events) told in ${seconds.toFixed(0)} s: heap ${before.heap.toFixed(1)} → ${after.heap.toFixed(1)} MiB, ${before.nodes} → ${after.nodes} nodes, `
    + `page busy ${(after.task - before.task).toFixed(1)} s, browser's processor time ${(cpu(chromium) - used).toFixed(1)} s`);
  await one.done();
});
