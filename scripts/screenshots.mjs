// SPDX-License-Identifier: Apache-2.0
//
// Takes the pictures of docs/images from a running server with the demo data:
//   node scripts/screenshots.mjs --url http://127.0.0.1:PORT --playwright NODE_MODULES [--out docs/images]
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPage, startBrowser, waitForPictures } from '../tests/e2e/browser.mjs';

const { values: options } = parseArgs({
  options: { url: { type: 'string' }, playwright: { type: 'string' }, out: { type: 'string', default: 'docs/images' } },
});
if (!options.url || !options.playwright) throw new Error('usage: screenshots.mjs --url URL --playwright NODE_MODULES');

const kText = '#q=squamous+cell+carcinoma+of+the+lung';
const kWide = { width: 1280, height: 800 };
const kNarrow = { width: 390, height: 844 };
// Keeps each under 200 kB, the limit of a file in the repository.
const kJpegQuality = 80;

// A hit that lies on a slide, so that its place is shown.
async function openHitOnSlide(page) {
  const hits = await page.evaluate(async (text) => {
    const answer = await fetch('/v1/search', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: { text }, k: 20, group_by: 'case', group_size: 6 }),
    });
    return (await answer.json()).groups.flatMap((group) => group.hits);
  }, 'squamous cell carcinoma of the lung');
  await page.locator(`.hit[data-hit="${hits.find((hit) => hit.region_url).id}"]`).click();
  await page.waitForSelector('.thumbnail');
}

async function searchAlike(page) {
  await openHitOnSlide(page);
  await page.click('text=More like this');
  await page.waitForSelector('text=Both at the same micrometres per pixel.');
}

const pictures = [
  { name: 'search', window: kWide, prepare: openHitOnSlide },
  { name: 'search-dark', window: { ...kWide, colorScheme: 'dark' }, prepare: openHitOnSlide },
  { name: 'more-like-this', window: kWide, prepare: searchAlike },
  { name: 'narrow', window: kNarrow, prepare: async () => {} },
  { name: 'narrow-hit-dark', window: { ...kNarrow, colorScheme: 'dark' }, prepare: openHitOnSlide },
];

await mkdir(options.out, { recursive: true });
const browser = await startBrowser(options.playwright);
for (const { name, window, prepare } of pictures) {
  const page = await openPage(browser, window);
  await page.goto(`${options.url}/${kText}`);
  await page.waitForSelector('.case');
  await prepare(page);
  await waitForPictures(page);
  await page.screenshot({ path: join(options.out, `${name}.jpg`), type: 'jpeg', quality: kJpegQuality });
  console.log(join(options.out, `${name}.jpg`));
  await page.context().close();
}
await browser.close();
