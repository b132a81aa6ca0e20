// SPDX-License-Identifier: Apache-2.0
import { regionPath } from './api.js';
import { byId, el, readPicture } from './dom.js';
import { scaleBar } from './scale.js';
import { placeMark, slideFrame } from './slide_place.js';
import { lengthText, plural } from './words.js';

const kPicturePx = 1600;
const kFinestWidth = 256;
const kZoomStep = 2;
const kPanShare = 0.25;
const kFirstWidthInHits = 3;

/// Opens the slide view: a region read from the slide, moved by dragging, arrow keys and buttons.
/// `centre` is a level-0 point, by default the middle of the hit, which stays outlined.
export function openViewer({ slide, hit, centre }) {
  const dialog = byId('viewer');
  const frame = slideFrame(slide);
  const stage = el('div', { class: 'stage', tabindex: '0', 'aria-label': 'Slide region: arrow keys move, plus and minus zoom' });
  const image = el('img', { alt: `Region of slide ${slide.id}`, draggable: 'false', hidden: true });
  const outline = el('div', { class: 'outline outline-hit', 'aria-hidden': 'true', hidden: true });
  const plane = el('div', { class: 'plane' }, image, outline);
  const bar = el('div', { class: 'stage-scale' });
  const note = el('span', { class: 'muted', role: 'status' });
  stage.append(plane, bar);
  const link = el('a', { target: '_blank', rel: 'noopener', href: '' }, 'Open as a picture');

  const middle = { x: hit.rect.x + hit.rect.width / 2, y: hit.rect.y + hit.rect.height / 2 };
  const view = { centre: centre || middle, width: hit.rect.width * kFirstWidthInHits };

  // What the stage shows: never beyond the slide, but where the slide is the narrower of the two.
  function viewRect() {
    const aspect = stage.clientHeight / stage.clientWidth;
    const widest = Math.max(frame.width, frame.height / aspect);
    view.width = Math.max(kFinestWidth, Math.min(view.width, widest));
    const height = view.width * aspect;
    view.centre = {
      x: within(view.centre.x, view.width, frame.width),
      y: within(view.centre.y, height, frame.height),
    };
    return { x: view.centre.x - view.width / 2, y: view.centre.y - height / 2, width: view.width, height };
  }

  let wanted = '';
  async function draw() {
    const seen = viewRect();
    const rect = partOnSlide(seen, frame);
    const path = regionPath(slide.id, rect, kPicturePx);
    if (path === wanted) {
      plane.style.transform = '';
      return;
    }
    wanted = path;
    link.href = path;
    note.textContent = 'reading the slide';
    const read = await readPicture(path);
    if (path !== wanted) return;
    if (!read) {
      wanted = '';
      note.textContent = 'This region cannot be read now.';
      return;
    }
    image.src = path;
    plane.style.transform = '';
    image.hidden = outline.hidden = false;
    placeMark(image, rect, seen);
    placeMark(outline, hit.rect, seen);
    const known = hit.mpp > 0;
    bar.replaceChildren(...(known ? [scaleBar(seen.width * hit.mpp)] : []));
    note.textContent = known
      ? `${lengthText(rect.width * hit.mpp)} wide`
      : `${plural(rect.width, 'pixel')} of level 0 wide, scale unknown`;
  }

  function zoom(factor) {
    view.width *= factor;
    draw();
  }
  function pan(x, y) {
    view.centre = { x: view.centre.x + x * view.width * kPanShare, y: view.centre.y + y * view.width * kPanShare };
    draw();
  }
  function showHit() {
    view.centre = middle;
    view.width = hit.rect.width * kFirstWidthInHits;
    draw();
  }
  function showSlide() {
    view.width = Infinity;
    draw();
  }

  const keys = {
    '+': () => zoom(1 / kZoomStep), '=': () => zoom(1 / kZoomStep), '-': () => zoom(kZoomStep), 0: showHit,
    ArrowLeft: () => pan(-1, 0), ArrowRight: () => pan(1, 0), ArrowUp: () => pan(0, -1), ArrowDown: () => pan(0, 1),
  };
  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  listenForDrag(stage, plane, (dx, dy) => {
    const level0PerPx = view.width / stage.clientWidth;
    view.centre = { x: view.centre.x - dx * level0PerPx, y: view.centre.y - dy * level0PerPx };
    draw();
  });

  const button = (text, label, action) => el('button', { type: 'button', 'aria-label': label, title: label, onclick: action }, text);
  dialog.replaceChildren(
    el('div', { class: 'viewer-head' },
      el('strong', {}, slide.id), note,
      el('span', { class: 'viewer-tools' },
        button('−', 'Zoom out', () => zoom(kZoomStep)), button('+', 'Zoom in', () => zoom(1 / kZoomStep)),
        button('Hit', 'Back to the hit', showHit), button('Whole slide', 'As much of the slide as fits', showSlide),
        link, button('×', 'Close', () => dialog.close()))),
    stage);
  const resized = () => draw();
  window.addEventListener('resize', resized);
  dialog.addEventListener('close', () => {
    window.removeEventListener('resize', resized);
    dialog.replaceChildren();
  }, { once: true });
  dialog.showModal();
  stage.focus();
  draw();
}

// The middle of a view of `length` on a slide of `whole`.
function within(centre, length, whole) {
  if (length >= whole) return whole / 2;
  return Math.max(length / 2, Math.min(centre, whole - length / 2));
}

// In whole pixels, as the server reads them.
function partOnSlide(seen, frame) {
  const x = Math.max(0, Math.floor(seen.x));
  const y = Math.max(0, Math.floor(seen.y));
  return {
    x,
    y,
    width: Math.max(1, Math.min(frame.width, Math.ceil(seen.x + seen.width)) - x),
    height: Math.max(1, Math.min(frame.height, Math.ceil(seen.y + seen.height)) - y),
  };
}

// The picture follows the pointer; the slide is read again where it is let go.
function listenForDrag(stage, plane, onDrop) {
  let start = null;
  const moved = (event) => ({ x: event.clientX - start.x, y: event.clientY - start.y });
  stage.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    start = { x: event.clientX, y: event.clientY };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener('pointermove', (event) => {
    if (!start) return;
    const { x, y } = moved(event);
    plane.style.transform = `translate(${x}px, ${y}px)`;
  });
  const end = (event) => {
    if (!start) return;
    const { x, y } = moved(event);
    start = null;
    onDrop(x, y);
  };
  stage.addEventListener('pointerup', end);
  stage.addEventListener('pointercancel', end);
}
