// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const kChromium = '/usr/bin/chromium';
const kQuietFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/// Starts headless Chromium through the playwright-core of `modules`, a node_modules folder.
export async function startBrowser(modules) {
  const { chromium } = createRequire(`${resolve(modules)}/`)('playwright-core');
  return chromium.launch({ executablePath: kChromium, args: kQuietFlags });
}

/// A fresh page. Its `complaints` collects what the console, the content security policy and
/// uncaught errors say.
export async function openPage(browser, { width = 1280, height = 800, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => page.complaints.push(error.stack));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return page;
}

/// Drops a file of these bytes in the middle of the page.
export async function dropFile(page, { name, type, base64 }) {
  await page.evaluate((file) => {
    const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], file.name, { type: file.type }));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, { name, type, base64 });
}

/// Waits until every picture that can be seen is loaded.
export async function waitForPictures(page) {
  await page.waitForFunction(() => [...document.images].every((image) => {
    const box = image.getBoundingClientRect();
    const seen = box.bottom > 0 && box.top < innerHeight && box.width > 0;
    return !seen || (image.complete && image.naturalWidth > 0);
  }));
}
