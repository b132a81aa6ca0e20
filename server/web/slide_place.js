// SPDX-License-Identifier: Apache-2.0
import { slidePath } from './api.js';
import { el, picture } from './dom.js';

const kThumbnailPx = 800;
const kTallestPx = 340;

/// The level-0 rectangle that a slide's thumbnail shows: all of level 0. Null where there is no file
/// to read it from.
export function slideFrame(slide) {
  if (!slide.thumbnail_url || !slide.width || !slide.height) return null;
  return { x: 0, y: 0, width: slide.width, height: slide.height };
}

/// Lays `mark` over a picture of `frame` where `rect` is, both level-0. A rectangle too small to see
/// keeps its centre and grows to the mark's least size.
export function placeMark(mark, rect, frame) {
  const share = (length, whole) => (100 * length) / whole;
  mark.style.left = `${share(rect.x + rect.width / 2 - frame.x, frame.width)}%`;
  mark.style.top = `${share(rect.y + rect.height / 2 - frame.y, frame.height)}%`;
  mark.style.width = `${share(rect.width, frame.width)}%`;
  mark.style.height = `${share(rect.height, frame.height)}%`;
}

/// The slide's thumbnail with the hit outlined and its siblings on the same slide outlined thinly.
/// `onLook` gets the level-0 point that was clicked, `onSibling` a sibling; `onGone` is called where the
/// thumbnail cannot be had.
export function renderSlidePlace({ slide, hit, siblings, onLook, onSibling, onGone }) {
  const frame = slideFrame(slide);
  if (!frame) return null;
  const image = picture(`${slidePath(slide.id)}/thumbnail?max_px=${kThumbnailPx}`, `Slide ${slide.id}, whole`, { onGone });
  const thumbnail = el('div', { class: 'thumbnail' }, image);
  // The place is kept while the picture is read, so that nothing jumps.
  thumbnail.style.aspectRatio = `${frame.width} / ${frame.height}`;
  thumbnail.style.width = `min(100%, ${Math.round((kTallestPx * frame.width) / frame.height)}px)`;
  image.addEventListener('click', (event) => {
    const box = image.getBoundingClientRect();
    onLook({
      x: frame.x + ((event.clientX - box.left) / box.width) * frame.width,
      y: frame.y + ((event.clientY - box.top) / box.height) * frame.height,
    });
  });
  for (const sibling of siblings) {
    const mark = el('button', {
      type: 'button', class: 'outline outline-sibling', tabindex: '-1',
      'aria-label': 'Further hit on this slide', title: 'Further hit on this slide', onclick: () => onSibling(sibling),
    });
    placeMark(mark, sibling.rect, frame);
    thumbnail.append(mark);
  }
  const outline = el('div', { class: 'outline outline-hit', role: 'img', 'aria-label': 'Where the hit lies' });
  placeMark(outline, hit.rect, frame);
  thumbnail.append(outline);
  return thumbnail;
}
