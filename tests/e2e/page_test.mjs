// SPDX-License-Identifier: Apache-2.0
//
// The web page in headless Chromium, against a running server with the demo data:
//   node tests/e2e/page_test.mjs --url http://127.0.0.1:PORT --playwright NODE_MODULES
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { dropFile, openPage, startBrowser, waitForPictures } from './browser.mjs';

const { values: options } = parseArgs({ options: { url: { type: 'string' }, playwright: { type: 'string' } } });
assert.ok(options.url && options.playwright, 'usage: page_test.mjs --url URL --playwright NODE_MODULES');

const kTimeoutMs = 20000;
const kText = 'squamous cell carcinoma of the lung';
const kNotice = 'Similar-case retrieval, not a diagnosis';
const kHostile = '<img src=x onerror=window.hostile=1><script>window.hostile=1</script>';

/// Opens the page at a hash and waits for the answer of its search.
async function openSearch(page, hash) {
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.url().endsWith('/v1/search')),
    page.goto(`${options.url}/${hash}`),
  ]);
  const answer = await response.json();
  await page.waitForSelector('.case');
  return answer;
}

const textHash = (text, more = '') => `#q=${encodeURIComponent(text)}${more}`;

const hitsOf = (answer) => answer.groups.flatMap((group) => group.hits);

function onSlide(answer) {
  const found = hitsOf(answer).find((hit) => hit.region_url && hit.rect && hit.mpp);
  assert.ok(found, 'the demo data answer with a hit on a slide');
  return found;
}

const hitButton = (page, hit) => page.locator(`.hit[data-hit="${hit.id}"]`);

async function openHit(page, hit) {
  await hitButton(page, hit).click();
  await page.waitForFunction((id) => document.getElementById('detail').dataset.hit === id, hit.id);
}

/// The next answer that the page gets, while `action` runs.
async function answerAfter(page, action) {
  const [response] = await Promise.all([page.waitForResponse((one) => one.url().endsWith('/v1/search')), action()]);
  const answer = await response.json();
  await page.waitForFunction(() => !document.getElementById('results').hasAttribute('aria-busy'));
  return answer;
}

async function changeAnswers(page, change) {
  await page.route('**/v1/search', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    change(answer);
    await route.fulfill({ response, json: answer });
  });
}

function busy(requestId) {
  return {
    status: 503,
    headers: { 'Retry-After': '1' },
    contentType: 'application/problem+json',
    body: JSON.stringify({ status: 503, detail: 'the queue is full', code: 'unavailable', request_id: requestId }),
  };
}

// The browser itself notes each refusal of a busy server; the page asks again.
const isBusy = (complaint) => complaint.includes('status of 503');

async function pictureOfPatch(page, id) {
  return page.evaluate(async (path) => {
    const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }, `/v1/patches/${encodeURIComponent(id)}/image`);
}

/// How wide the query is drawn, in widths of the hit.
async function drawnRatio(page) {
  const [asked, found] = await page.locator('.field img').evaluateAll((images) => images.map((image) => image.getBoundingClientRect().width));
  return asked / found;
}

async function assertNoSidewaysScrolling(page, where) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(beyond <= 0, `${where}: ${beyond} px wider than the window`);
}

const tests = {
  async 'typed words find cases with their diagnoses'(page) {
    await page.goto(options.url);
    await page.waitForSelector('.welcome');
    assert.equal(await page.locator('#demo-badge').isVisible(), true);
    await page.fill('#query', kText);
    const answer = await answerAfter(page, () => page.keyboard.press('Enter'));
    assert.ok(answer.groups.length >= 2, `${answer.groups.length} cases`);
    assert.equal(await page.locator('.case').count(), answer.groups.length);
    const counts = await page.locator('.diagnoses b').allTextContents();
    assert.equal(counts.reduce((sum, one) => sum + Number(one), 0), Math.min(10, answer.groups.length));
    assert.match(await page.locator('#results').textContent(), new RegExp(kNotice));
    await waitForPictures(page);
  },

  async 'a hit opens with its place on the slide and its report'(page) {
    const answer = await openSearch(page, textHash(kText));
    const hit = onSlide(answer);
    await openHit(page, hit);
    await page.waitForSelector('.thumbnail .outline-hit');
    await page.waitForFunction(() => document.querySelector('.thumbnail img').naturalWidth > 0);
    const slide = await page.evaluate(async (id) => (await fetch(`/v1/slides/${id}`)).json(), hit.slide_id);
    const thumbnail = await page.locator('.thumbnail img').boundingBox();
    const outline = await page.locator('.thumbnail .outline-hit').boundingBox();
    assert.ok(outline.x >= thumbnail.x - 1 && outline.y >= thumbnail.y - 1, 'the outline begins inside the thumbnail');
    assert.ok(outline.x + outline.width <= thumbnail.x + thumbnail.width + 1, 'its right edge is inside');
    assert.ok(outline.y + outline.height <= thumbnail.y + thumbnail.height + 1, 'its lower edge is inside');
    const wanted = thumbnail.x + ((hit.rect.x + hit.rect.width / 2) / slide.width) * thumbnail.width;
    assert.ok(Math.abs(outline.x + outline.width / 2 - wanted) < 2, 'the outline is where the hit is');
    assert.ok(hit.report, 'the demo slides have reports');
    assert.equal(await page.locator('.report-text').textContent(), hit.report.text);
    assert.match(await page.locator('.facts').textContent(), new RegExp(hit.slide_id));
    await waitForPictures(page);
  },

  async 'more like this shows query and hit at one scale'(page) {
    const hit = onSlide(await openSearch(page, textHash(kText)));
    await openHit(page, hit);
    const answer = await answerAfter(page, () => page.click('text=More like this'));
    assert.ok(hitsOf(answer).every((one) => one.case_id !== hit.case_id), 'the case of the query is left out');
    assert.match(page.url(), /patch=/);
    await page.waitForSelector('.field >> nth=1');
    const near = hitsOf(answer).find((one) => one.mpp && one.rect);
    await openHit(page, near);
    await page.waitForSelector('text=Both at the same micrometres per pixel.');
    const ratio = await drawnRatio(page);
    const real = (hit.rect.width * hit.mpp) / (near.rect.width * near.mpp);
    assert.ok(Math.abs(ratio / real - 1) < 0.02, `drawn ${ratio}, real ${real}`);
  },

  async 'a dropped picture finds itself'(page) {
    const hit = onSlide(await openSearch(page, textHash(kText)));
    const base64 = await pictureOfPatch(page, hit.id);
    const unknown = await answerAfter(page, () => dropFile(page, { name: 'field.png', type: 'image/png', base64 }));
    assert.ok(unknown.groups[0].hits.slice(0, 3).some((one) => one.id === hit.id), 'among the first hits');
    assert.ok(unknown.input_warnings.includes('scale_unknown'));
    assert.match(await page.locator('#results .warning').first().textContent(), /Scale unknown/);
    assert.equal(await page.locator('.case').first().locator('.similarity').first().innerText(), 'the same picture');
    const width = await page.locator('#query-chip img').evaluate((image) => image.naturalWidth);
    await page.fill('.chip-mpp input', String((hit.rect.width * hit.mpp) / width));
    const known = await answerAfter(page, () => page.keyboard.press('Enter'));
    assert.equal(known.input_warnings.includes('scale_unknown'), false);
    assert.ok(known.groups[0].hits.slice(0, 3).some((one) => one.id === hit.id), 'among the first hits with a scale');
  },

  async 'a picture of stated scale and the hit are drawn at one scale'(page) {
    const hit = onSlide(await openSearch(page, textHash(kText)));
    const base64 = await pictureOfPatch(page, hit.id);
    await answerAfter(page, () => dropFile(page, { name: 'field.png', type: 'image/png', base64 }));
    await page.waitForSelector('text=Not at the same scale');
    const pixels = await page.locator('#query-chip img').evaluate((image) => image.naturalWidth);
    const halfUm = (hit.rect.width * hit.mpp) / 2;
    await page.fill('.chip-mpp input', String(halfUm / pixels));
    const answer = await answerAfter(page, () => page.keyboard.press('Enter'));
    const other = onSlide(answer);
    await openHit(page, other);
    await page.waitForSelector('text=Both at the same micrometres per pixel.');
    const ratio = await drawnRatio(page);
    const real = halfUm / (other.rect.width * other.mpp);
    assert.ok(Math.abs(ratio / real - 1) < 0.02, `drawn ${ratio}, real ${real}`);
  },

  async 'the diagnoses of the first cases are counted'(page) {
    await changeAnswers(page, (answer) => {
      answer.groups.forEach((group, place) => {
        group.hits[0].caption = place < 10 && place % 3 === 1 ? (place === 1 ? 'Fat necrosis' : 'fat necrosis') : `diagnosis ${place}`;
      });
    });
    const answer = await openSearch(page, textHash(kText));
    const first = await page.locator('.diagnoses a').first().innerText();
    const expected = answer.groups.slice(0, 10).filter((_, place) => place % 3 === 1).length;
    assert.equal(first.replace(/\s/g, ' '), `${expected} Fat necrosis`);
  },

  async 'a file that is no picture is refused in words'(page) {
    await page.goto(options.url);
    await page.waitForSelector('.welcome');
    await dropFile(page, { name: 'slide.svs', type: 'application/octet-stream', base64: btoa('II*') });
    await page.waitForSelector('text=slide.svs is not a PNG or JPEG picture');
    await dropFile(page, { name: 'cut.png', type: 'image/png', base64: btoa('\x89PNG\r\n\x1a\n') });
    await page.waitForSelector('text=cut.png cannot be read');
  },

  async 'a filter narrows the answer and back undoes it'(page) {
    await openSearch(page, textHash(kText));
    const organ = page.locator('select[name="organ"]');
    const narrowed = await answerAfter(page, () => organ.selectOption('lung'));
    assert.ok(narrowed.groups.length > 0);
    assert.ok(hitsOf(narrowed).every((hit) => hit.fields.organ === 'lung'));
    const back = await answerAfter(page, () => page.goBack());
    assert.ok(back.matched > narrowed.matched);
    assert.equal(await organ.inputValue(), '');
  },

  async 'an address brings back the search and its open hit'(page) {
    const hits = hitsOf(await openSearch(page, textHash(kText)));
    await openHit(page, hits[1]);
    const address = new URL(page.url()).hash;
    await page.goto('about:blank');
    await openSearch(page, address);
    assert.equal(await page.inputValue('#query'), kText);
    await page.waitForFunction((id) => document.getElementById('detail').dataset.hit === id, hits[1].id);
  },

  async 'keys search, move, open and close'(page) {
    const answer = await openSearch(page, textHash(kText));
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'query');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#detail').isVisible(), false);
    await page.locator('.hit').first().focus();
    await page.keyboard.press('ArrowRight');
    const second = hitsOf(answer)[1].id;
    assert.equal(await page.evaluate(() => document.activeElement.dataset.hit), second);
    await page.keyboard.press('Enter');
    await page.waitForFunction((id) => document.getElementById('detail').dataset.hit === id, second);
    await page.keyboard.press('ArrowDown');
    const below = await page.evaluate(() => document.activeElement.dataset.hit);
    assert.ok(answer.groups.slice(1).some((group) => group.hits[0].id === below), 'down goes to the next case');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#detail').isVisible(), false);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.hit), second);
  },

  async 'reports are found by words, which are marked'(page) {
    const answer = await openSearch(page, textHash('squamous', '&in=reports'));
    assert.ok(hitsOf(answer).every((hit) => hit.kind === 'report'));
    const withWord = hitsOf(answer).find((hit) => /\bsquamous\b/i.test(hit.report.text));
    await openHit(page, withWord);
    assert.match(await page.locator('.report-text mark').first().textContent(), /^squamous$/i);
  },

  async 'slides are found, one hit each'(page) {
    const answer = await openSearch(page, textHash(kText, '&in=slides'));
    const slides = hitsOf(answer).map((hit) => hit.slide_id);
    assert.ok(hitsOf(answer).every((hit) => hit.kind === 'slide'));
    assert.equal(new Set(slides).size, slides.length);
    await openHit(page, hitsOf(answer)[0]);
    await page.waitForSelector('text=More like this');
  },

  async 'the slide view zooms, and Escape closes it alone'(page) {
    await openHit(page, onSlide(await openSearch(page, textHash(kText))));
    const widthOf = (response) => Number(new URL(response.url()).searchParams.get('width'));
    const region = () => page.waitForResponse((one) => one.url().includes('/region?'));
    const [first] = await Promise.all([region(), page.click('text=View on slide')]);
    await page.waitForSelector('.stage .outline-hit:visible');
    const [nearer] = await Promise.all([region(), page.click('[aria-label="Zoom in"]')]);
    assert.ok(widthOf(nearer) < widthOf(first), `${widthOf(nearer)} after ${widthOf(first)}`);
    await page.waitForFunction(() => !document.querySelector('.viewer-head').textContent.includes('reading'));
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#viewer').isVisible(), false);
    assert.equal(await page.locator('#detail').isVisible(), true);
  },

  async 'a hostile query is shown as text'(page) {
    await openSearch(page, textHash(kHostile));
    assert.equal(await page.inputValue('#query'), kHostile);
    assert.equal(await page.evaluate(() => window.hostile), undefined);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  },

  async 'hostile data are shown as text'(page) {
    await changeAnswers(page, (answer) => {
      for (const hit of hitsOf(answer)) {
        hit.caption = kHostile;
        hit.fields = { [kHostile]: kHostile };
        hit.report = { id: kHostile, caption: kHostile, text: kHostile };
      }
    });
    await openSearch(page, textHash(kText));
    await page.waitForSelector('.report-text');
    assert.equal(await page.locator('.report-text').textContent(), kHostile);
    assert.equal(await page.locator('.case .diagnosis').first().textContent(), kHostile);
    assert.equal(await page.evaluate(() => window.hostile), undefined);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  },

  async 'a busy server is asked once more, then the page says so'(page) {
    let asked = 0;
    await page.route('**/v1/search', (route) => {
      asked += 1;
      return asked === 1 ? route.fulfill(busy('first')) : route.continue();
    });
    await page.goto(`${options.url}/${textHash(kText)}`);
    await page.waitForSelector('.case');
    assert.equal(asked, 2);
    await page.unroute('**/v1/search');
    await page.route('**/v1/search', (route) => route.fulfill(busy('0123abcd')));
    await page.fill('#query', 'necrosis');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=the queue is full');
    assert.match(await page.locator('#results').textContent(), /0123abcd/);
  },

  async 'a picture that the server was too busy for is asked for again'(page) {
    const refused = new Set();
    await page.route(/\/(image|thumbnail|region)(\?|$)/, (route) => {
      const url = route.request().url();
      if (refused.has(url)) return route.continue();
      refused.add(url);
      return route.fulfill(busy('picture'));
    });
    await openHit(page, onSlide(await openSearch(page, textHash(kText))));
    await page.waitForSelector('.thumbnail');
    await waitForPictures(page);
    await page.click('text=View on slide');
    await page.waitForSelector('.stage .outline-hit:visible');
    assert.ok(refused.size > 3, `${refused.size} pictures were refused once`);
  },

  async 'another model of the archive can be asked'(page) {
    const other = { name: 'uni', encoder: '0'.repeat(32), images: true, texts: false, patches: 1 };
    await page.route('**/v1/info', async (route) => {
      const response = await route.fetch();
      const info = await response.json();
      await route.fulfill({ response, json: { ...info, models: [...info.models, other] } });
    });
    const asked = [];
    await page.route('**/v1/search', async (route) => {
      const { encoder, ...request } = route.request().postDataJSON();
      asked.push(encoder);
      await route.continue({ postData: JSON.stringify(request) });
    });
    await openSearch(page, textHash(kText));
    assert.deepEqual(await page.locator('#model option').allTextContents(), ['atlas-clippath-small', 'uni (pictures only)']);
    await answerAfter(page, () => page.selectOption('#model', other.encoder));
    await answerAfter(page, () => page.goBack());
    await answerAfter(page, () => page.reload());
    assert.deepEqual(asked, [undefined, other.encoder, undefined, undefined]);
  },

  async 'one model needs no choice'(page) {
    await openSearch(page, textHash(kText));
    assert.equal(await page.locator('#model-choice').isVisible(), false);
  },

  async 'an empty archive says how to fill it'(page) {
    await page.route('**/v1/info', async (route) => {
      const response = await route.fetch();
      const info = await response.json();
      await route.fulfill({ response, json: { ...info, model: null, counts: { slides: 0, patches: 0, reports: 0 } } });
    });
    await page.goto(options.url);
    await page.waitForSelector('text=clippath index SLIDES');
    assert.equal(await page.locator('#demo-badge').isVisible(), false);
  },

  async 'filters that leave nothing can be removed'(page) {
    const empty = { hits: [], groups: [], matched: 0, returned: 0, exhausted: true, input_warnings: [], took_ms: { total: 1 } };
    await page.route('**/v1/search', async (route) => {
      const filtered = route.request().postDataJSON().filter;
      return filtered ? route.fulfill({ json: empty }) : route.continue();
    });
    await page.goto(`${options.url}/${textHash(kText, '&f.organ=lung')}`);
    await page.waitForSelector('text=Nothing passes these filters');
    await page.click('text=Remove the filters');
    await page.waitForSelector('.case');
  },
};

for (const [width, height] of [[1280, 800], [390, 844]]) {
  for (const colorScheme of ['light', 'dark']) {
    tests[`nothing is wider than ${width} px, ${colorScheme}`] = async (page) => {
      await page.goto(options.url);
      await page.waitForSelector('.welcome');
      await assertNoSidewaysScrolling(page, 'welcome');
      if (await page.locator('#filters > summary').isVisible()) {
        await page.click('#filters > summary');
        await page.waitForSelector('select[name="organ"]:visible');
        await assertNoSidewaysScrolling(page, 'filters');
      }
      const answer = await openSearch(page, textHash(kText));
      await assertNoSidewaysScrolling(page, 'answer');
      await openHit(page, onSlide(answer));
      await page.waitForSelector('.thumbnail');
      await assertNoSidewaysScrolling(page, 'hit');
      const inside = await page.locator('#detail').evaluate((pane) => pane.scrollWidth - pane.clientWidth);
      assert.ok(inside <= 0, `the pane is ${inside} px too wide inside`);
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('#detail').isVisible(), false);
    };
    tests[`nothing is wider than ${width} px, ${colorScheme}`].window = { width, height, colorScheme };
  }
}

let browser = await startBrowser(options.playwright);
let passed = 0;
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    // A browser that died fails its test, not those that follow.
    if (!browser.isConnected()) browser = await startBrowser(options.playwright);
    const page = await openPage(browser, test.window);
    page.setDefaultTimeout(kTimeoutMs);
    await test(page);
    assert.deepEqual(page.complaints.filter((one) => !isBusy(one)), [], 'the console stays empty');
    await page.context().close();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${error.message.replaceAll('\n', '\n        ')}`);
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
