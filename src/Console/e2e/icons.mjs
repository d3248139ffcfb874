// Draws the PNG icons from assets/icon.svg with Chromium: node e2e/icons.mjs. Run by hand when the picture changes.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const svg = readFileSync(new URL('../assets/icon.svg', import.meta.url), 'utf8');
for (const [name, size, inset] of [['icon-192', 192, 0], ['icon-512', 512, 0], ['icon-512-maskable', 512, 0.12]]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>*{margin:0}body{background:${inset > 0 ? '#12161d' : 'transparent'}}svg{position:absolute;inset:${inset * size}px;width:${size * (1 - 2 * inset)}px;height:${size * (1 - 2 * inset)}px}</style>${svg}`);
  writeFileSync(new URL(`../assets/${name}.png`, import.meta.url), await page.screenshot({ omitBackground: true }));
}
await browser.close();
