// SPDX-License-Identifier: Apache-2.0

const kRetryWaitsMs = [1000, 3000];

/// Makes an element. Strings become text nodes and attributes go through the DOM, so nothing that
/// comes from the archive or the address is ever read as HTML. Empty children are left out.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

/// A picture that is asked for again while the server is busy (an image element does not learn the
/// status, so any failure is), and that says so in words, or calls `onGone`, where that does not help.
export function picture(url, alternative, { onGone, ...attributes } = {}) {
  const image = el('img', { src: url, alt: alternative, decoding: 'async', ...attributes });
  const waits = [...kRetryWaitsMs];
  image.addEventListener('error', () => {
    if (waits.length > 0) {
      setTimeout(() => { image.src = url; }, waits.shift());
    } else if (onGone) {
      onGone();
    } else {
      image.replaceWith(el('span', { class: 'no-picture', title: alternative }, 'picture not available'));
    }
  });
  return image;
}

/// Loads a picture ahead of its use, again while the server is busy; false where that does not help.
export function readPicture(url) {
  return new Promise((resolve) => {
    picture(url, '', { onload: () => resolve(true), onGone: () => resolve(false) });
  });
}
