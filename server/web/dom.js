// SPDX-License-Identifier: Apache-2.0

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

/// The address itself where it lies on this server, else an empty string.
export function localPath(url) {
  return typeof url === 'string' && /^\/(?![/\\])/.test(url) ? url : '';
}

/// A picture that says so in words where it cannot be loaded.
export function picture(url, alternative, attributes = {}) {
  const image = el('img', { src: localPath(url) || url, alt: alternative, decoding: 'async', ...attributes });
  image.addEventListener('error', () => {
    image.replaceWith(el('span', { class: 'no-picture', title: alternative }, 'picture not available'));
  });
  return image;
}
