// SPDX-License-Identifier: Apache-2.0
import { el, picture } from './dom.js';
import {
  excerpt, kNoDiagnosis, markedPieces, plural, similarityText, similarityTitle, warningText,
} from './words.js';

const kSummarisedCases = 10;
const kExcerptLength = 220;

/// Where the picture of a hit is; empty where it has none, as a report.
export function pictureOf(hit) {
  return hit.image_url || '';
}

/// The diagnosis line of a hit.
export function diagnosisOf(hit) {
  return hit.caption || hit.report?.caption || kNoDiagnosis;
}

export function badgesOf(hit) {
  return [
    hit.in_training && el('span', {
      class: 'badge', title: 'The model was trained on this slide, so the likeness is better than on slides it has never seen.',
    }, 'seen in training'),
    hit.linked && el('span', { class: 'badge', title: 'The hit belongs to the case of the query.' }, 'same case'),
    hit.partial_slide && el('span', {
      class: 'badge badge-warning', title: 'Some tiles of this slide could not be read when it was indexed.',
    }, 'slide partly read'),
    hit.via === 'neighbours' && el('span', {
      class: 'badge', title: 'A report of the case of a similar patch.',
    }, 'by similar patches'),
  ].filter(Boolean);
}

/// What an answer looks like: warnings, the diagnoses of its first cases, one card a case.
/// `words` are marked in reports; `onOpen` gets a hit, `onMore` asks for more cases.
export function renderAnswer(answer, { words, onOpen, onMore }) {
  const { groups } = answer;
  const best = groups[0].similarity;
  const cards = groups.map((group, place) => renderCase(group, { place, best, words, onOpen }));
  return [
    el('div', { class: 'answer-head' },
      el('h1', {}, answer.exhausted ? plural(groups.length, 'case') : `${groups.length} nearest cases`),
      el('span', { class: 'muted', title: timings(answer) },
        `of ${plural(answer.matched, groups[0].hits[0].kind === 'report' ? 'report' : 'field')} searched, ${total(answer)} ms`),
      el('p', { class: 'notice' }, 'Similar-case retrieval, not a diagnosis')),
    answer.input_warnings.map((code) => el('p', { class: 'warning' }, warningText(code))),
    renderDiagnoses(groups.slice(0, kSummarisedCases), onOpen),
    el('ol', { class: 'cases' }, cards),
    !answer.exhausted && el('button', { type: 'button', class: 'more', onclick: onMore }, 'Show more cases'),
  ].flat().filter(Boolean);
}

function total({ took_ms: took }) {
  return took.total < 10 ? took.total.toFixed(1) : Math.round(took.total);
}

function timings(answer) {
  return Object.entries(answer.took_ms).map(([stage, ms]) => `${stage} ${ms.toFixed(1)} ms`).join(', ');
}

function renderDiagnoses(groups, onOpen) {
  const counts = new Map();
  for (const { hits: [hit] } of groups) {
    const text = diagnosisOf(hit);
    const key = text.toLowerCase();
    const entry = counts.get(key) || { text, hit, count: 0 };
    entry.count += 1;
    counts.set(key, entry);
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
  const title = groups.length === 1 ? 'Its diagnosis' : `Diagnoses of the first ${groups.length} cases`;
  return el('section', { class: 'diagnoses', 'aria-label': title },
    el('h2', {}, title),
    el('ul', {}, sorted.map(({ text, hit, count }) => [
      el('li', {}, el('a', { href: '#', onclick: (event) => { event.preventDefault(); onOpen(hit); } },
        el('b', {}, String(count)), `\u00a0${text}`)),
      ' ',
    ])));
}

function renderCase(group, { place, best, words, onOpen }) {
  const [first, ...others] = group.hits;
  const label = `${diagnosisOf(first)}, case ${group.id}, ${similarityText(first, best, place === 0)}`;
  return el('li', { class: 'case' },
    el('button', { type: 'button', class: 'hit hit-main', 'data-hit': first.id, 'aria-label': label, tabindex: '-1', onclick: () => onOpen(first) },
      pictureOf(first) && el('span', { class: 'hit-picture' }, picture(pictureOf(first), '', { loading: 'lazy' })),
      el('span', { class: 'hit-text' },
        el('span', { class: 'diagnosis' }, diagnosisOf(first)),
        el('span', { class: 'muted' }, caseLine(group)),
        first.kind === 'report' && first.report && renderExcerpt(first.report.text, words),
        el('span', { class: 'hit-foot' }, renderSimilarity(first, best, place === 0), badgesOf(first)))),
    others.length > 0 && el('div', { class: 'strip' }, others.map((hit) => renderFurther(hit, best, onOpen))));
}

function caseLine(group) {
  const [first] = group.hits;
  const slides = new Set(group.hits.map((hit) => hit.slide_id).filter(Boolean));
  return [
    first.fields?.organ,
    `case ${group.id}`,
    slides.size > 1 && `hits on ${slides.size} slides`,
  ].filter(Boolean).join(' · ');
}

function renderExcerpt(text, words) {
  return el('span', { class: 'excerpt' }, renderMarked(excerpt(text, words, kExcerptLength), words));
}

export function renderMarked(text, words) {
  return markedPieces(text, words).map((piece) => (piece.marked ? el('mark', {}, piece.text) : piece.text));
}

export function renderSimilarity(hit, best, isFirst) {
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' }, el('span', {}));
  const share = best > 0 ? Math.max(0, Math.min(1, hit.similarity / best)) : 0;
  bar.firstChild.style.width = `${Math.round(share * 100)}%`;
  return el('span', { class: 'similarity', title: similarityTitle(hit.similarity) },
    bar, similarityText(hit, best, isFirst));
}

function renderFurther(hit, best, onOpen) {
  const label = `Further ${hit.kind} of ${hit.slide_id || hit.case_id}, ${similarityText(hit, best, false)}`;
  const content = pictureOf(hit)
    ? picture(pictureOf(hit), '', { loading: 'lazy' })
    : el('span', { class: 'excerpt' }, hit.report?.caption || hit.id);
  return el('button', {
    type: 'button', class: 'hit hit-further', 'data-hit': hit.id, tabindex: '-1', 'aria-label': label,
    title: similarityTitle(hit.similarity), onclick: () => onOpen(hit),
  }, content);
}

/// A heading, sentences and buttons where there are no hits to show.
export function renderMessage(title, lines, ...actions) {
  return el('div', { class: 'message' },
    el('h1', {}, title),
    lines.map((line) => (typeof line === 'string' ? el('p', {}, line) : line)),
    actions.length > 0 && el('p', { class: 'actions' }, actions));
}
