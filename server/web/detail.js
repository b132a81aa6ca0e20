// SPDX-License-Identifier: Apache-2.0
import { getJson, patchPath, regionPath, slidePath } from './api.js';
import { el, picture } from './dom.js';
import { pictureNumber } from './pictures.js';
import { badgesOf, diagnosisOf, pictureOf, renderMarked, renderSimilarity } from './results.js';
import { extentOf, renderAtOneScale } from './scale.js';
import { renderSlidePlace } from './slide_place.js';
import { openViewer } from './viewer.js';
import { fieldName, lengthText, mppSourceText, mppText, valueText } from './words.js';

const kRegionPx = 4096;
const kFewFields = 4;

/// Fills the pane of one hit. `place` is `{hit, group, best, isFirst}`; the pane's buttons call
/// `onClose`, `onStep` (-1 or 1), `onQuery` and `onOpen`.
export function renderDetail(pane, place, { query, words, signal, onClose, onStep, onQuery, onOpen }) {
  const { hit } = place;
  const slideBox = el('div');
  const tools = el('span', { class: 'actions' });
  const patchId = hit.patch_id || (hit.kind === 'patch' ? hit.id : null);
  if (patchId) {
    tools.append(el('button', { type: 'button', class: 'primary', onclick: () => onQuery({ patch: patchId }) }, 'More like this'));
  }
  const fields = el('div', { class: 'fields' });
  const hasPicture = pictureOf(hit) !== '';
  const compares = hasPicture && query !== null && !query.text && !query.report;
  pane.replaceChildren(
    el('div', { class: 'detail-head' },
      el('h2', { tabindex: '-1' }, diagnosisOf(hit)),
      el('span', { class: 'detail-tools' },
        el('button', { type: 'button', 'aria-label': 'Previous hit', title: 'Previous hit', onclick: () => onStep(-1) }, '‹'),
        el('button', { type: 'button', 'aria-label': 'Next hit', title: 'Next hit', onclick: () => onStep(1) }, '›'),
        el('button', { type: 'button', class: 'close', 'aria-label': 'Close', title: 'Close (Esc)', onclick: onClose }, '×'))),
    el('div', { class: 'detail-line' },
      renderSimilarity(hit, place.best, place.isFirst), badgesOf(hit), tools),
    el('div', { class: `detail-grid ${compares ? 'shows-two' : hasPicture ? 'shows-one' : 'shows-text'}` },
      hasPicture && fields,
      hit.slide_id && el('section', { class: 'on-slide', 'aria-label': 'On the slide' }, el('h3', {}, 'On the slide'), slideBox),
      renderReport(hit, words, onQuery),
      renderFacts(hit)),
    el('p', { class: 'notice' }, 'Similar-case retrieval, not a diagnosis'));
  if (hasPicture) showFields(fields, hit, query, signal);
  if (hit.slide_id) showSlide(slideBox, tools, place, { signal, onOpen });
}

async function showFields(box, hit, query, signal) {
  const found = {
    image: picture(pictureOf(hit), `Hit: ${diagnosisOf(hit)}`),
    extent: extentOf(hit),
    caption: caption('Hit', extentOf(hit)),
  };
  const asked = await queryPanel(query, signal);
  if (signal.aborted) return;
  const sameScale = asked && asked.extent && found.extent;
  // Two pictures of which one has no scale fill their frames: beside a scale bar they would mislead.
  const panels = asked ? [asked, found] : [found];
  if (asked && !sameScale) panels.forEach((panel) => { panel.extent = null; });
  box.replaceChildren(...renderAtOneScale(panels));
  if (asked) {
    box.append(el('p', { class: sameScale ? 'muted' : 'warning' }, sameScale
      ? 'Both at the same micrometres per pixel.'
      : 'Not at the same scale: how large one of them is, is unknown.'));
  }
}

async function queryPanel(query, signal) {
  if (query?.picture) {
    const kept = pictureNumber(query.picture);
    if (!kept) return null;
    const extent = query.mpp ? { width: kept.width * query.mpp, height: kept.height * query.mpp } : null;
    return { image: picture(kept.url, 'Query: your picture'), extent, caption: caption('Your picture', extent) };
  }
  if (query?.patch) {
    const patch = await getJson(patchPath(query.patch), signal).catch(() => null);
    const extent = patch && extentOf(patch);
    return {
      image: picture(`${patchPath(query.patch)}/image`, 'Query: a patch'),
      extent,
      caption: caption(patch?.caption ? `Query: ${patch.caption}` : 'Query', extent),
    };
  }
  return null;
}

function caption(text, extent) {
  return extent ? `${text}, ${lengthText(extent.width)} across` : `${text}, scale unknown`;
}

async function showSlide(box, tools, { hit, group }, { signal, onOpen }) {
  let slide;
  try {
    slide = await getJson(slidePath(hit.slide_id), signal);
  } catch (error) {
    if (error.name !== 'AbortError') box.append(el('p', { class: 'muted' }, error.message));
    return;
  }
  const siblings = group.hits.filter((other) => other !== hit && other.slide_id === hit.slide_id && other.rect);
  const thumbnail = hit.rect && renderSlidePlace({
    slide,
    hit,
    siblings,
    onLook: (centre) => openViewer({ slide, hit, centre }),
    onSibling: onOpen,
    onGone: () => {
      box.replaceChildren(el('p', { class: 'muted' }, 'The slide file cannot be read now; it may have been moved since it was indexed.'));
      tools.querySelectorAll('.needs-slide').forEach((tool) => tool.remove());
    },
  });
  if (!thumbnail) {
    box.append(el('p', { class: 'muted' }, 'Only this patch is stored: the slide itself is not in the archive.'));
    return;
  }
  box.append(thumbnail);
  tools.append(
    el('button', { type: 'button', class: 'needs-slide', onclick: () => openViewer({ slide, hit }) }, 'View on slide'),
    el('a', { class: 'needs-slide', href: regionPath(slide.id, hit.rect, kRegionPx), target: '_blank', rel: 'noopener', title: 'This field as it is on the slide, in a new tab' }, 'Open region'));
}

function renderReport(hit, words, onQuery) {
  const { report } = hit;
  return el('section', { class: 'report', 'aria-label': 'Report' },
    el('h3', {}, 'Report', report ? el('span', { class: 'muted' }, ` ${report.id}`) : ''),
    report
      ? [
        report.caption ? el('p', { class: 'report-caption' }, report.caption) : '',
        el('div', { class: 'report-text', tabindex: '0' }, renderMarked(report.text, words)),
        el('button', { type: 'button', class: 'quiet', onclick: () => onQuery({ report: report.id }) }, 'Search with this report'),
      ]
      : el('p', { class: 'muted' }, 'No report is stored for this case.'));
}

function renderFacts(hit) {
  const facts = [
    ['slide', hit.slide_id],
    ['case', hit.case_id],
    ['field of view', hit.extent_um > 0 && lengthText(hit.extent_um)],
    ['scale', hit.mpp > 0 ? `${mppText(hit.mpp)}, ${mppSourceText(hit.mpp_source)}` : hit.kind !== 'report' && 'unknown'],
    ['level-0 position', hit.rect && `x ${hit.rect.x}, y ${hit.rect.y}, ${hit.rect.width} × ${hit.rect.height} px`],
    ['cosine similarity', hit.similarity.toFixed(4)],
  ].filter(([, value]) => value);
  const own = Object.entries(hit.fields).map(([name, value]) => [fieldName(name), valueText(value)]);
  return el('section', { class: 'facts', 'aria-label': 'About this hit' },
    renderList(facts),
    own.length > 0 && el('details', { open: own.length <= kFewFields }, el('summary', {}, `Fields of the slide (${own.length})`), renderList(own)));
}

function renderList(entries) {
  return el('dl', {}, entries.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
