// Asks the test that started this script for something only it can do.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export async function ask(word, argument = '') {
  console.log(`@${word} ${argument}`.trim());
  const { value, done } = await lines.next();
  if (done) throw new Error(`Nobody answers «${word}».`);
  return value;
}

/** Runs a script to its end: the browser is closed, and a failure is its exit code. */
export async function script(body) {
  const { launch } = await import('./browser.mjs');
  const browser = await launch();
  try {
    await body(browser, { base: process.env.BASE, sue: process.env.SUE, tom: process.env.TOM, susan: process.env.SUSAN });
  } catch (error) {
    console.error(error.stack ?? String(error));
    process.exitCode = 1;
  } finally {
    await browser.close();
    process.stdin.destroy();
  }
}
