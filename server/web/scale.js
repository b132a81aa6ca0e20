// SPDX-License-Identifier: Apache-2.0
import { el } from './dom.js';
import { lengthText } from './words.js';

const kRoundLengths = [1, 2, 5];
const kLargestBarShare = 0.4;

/// The longest of 1, 2, 5, 10, 20, ... micrometres that takes at most two fifths of `extentUm`.
function barLength(extentUm) {
  const limit = extentUm * kLargestBarShare;
  const power = 10 ** Math.floor(Math.log10(limit));
  return Math.max(...kRoundLengths.map((length) => length * power).filter((length) => length <= limit));
}

/// A scale bar for a frame that is `extentUm` wide.
export function scaleBar(extentUm) {
  const length = barLength(extentUm);
  const bar = el('span', { class: 'scale-bar' }, lengthText(length));
  bar.style.width = `${(100 * length) / extentUm}%`;
  return bar;
}

/// Micrometres across of something with a level-0 rectangle and a scale, null where unknown.
export function extentOf(place) {
  if (place.rect && place.mpp > 0) {
    return { width: place.rect.width * place.mpp, height: place.rect.height * place.mpp };
  }
  return place.extent_um > 0 ? { width: place.extent_um, height: place.extent_um } : null;
}

/// Draws pictures at one scale, each in a square frame. `panels` are `{image, extent, caption}`; where
/// an extent is unknown, its picture fills its frame and has no scale bar.
export function renderAtOneScale(panels) {
  const known = panels.map((panel) => panel.extent).filter(Boolean);
  const frameUm = Math.max(0, ...known.flatMap((extent) => [extent.width, extent.height]));
  return panels.map(({ image, extent, caption }) => {
    if (extent) {
      image.style.width = `${(100 * extent.width) / frameUm}%`;
      image.style.height = `${(100 * extent.height) / frameUm}%`;
    }
    return el('figure', { class: 'field' },
      el('div', { class: extent ? 'frame' : 'frame frame-unknown' }, image, extent && scaleBar(frameUm)),
      el('figcaption', {}, caption));
  });
}
