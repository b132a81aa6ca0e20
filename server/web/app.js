// SPDX-License-Identifier: Apache-2.0
import { getJson, postSearch, toBase64 } from './api.js';
import { renderDetail } from './detail.js';
import { byId, el } from './dom.js';
import { toConditions } from './filters.js';
import { hitsOf, listenForHitKeys, makeReachable } from './hit_keys.js';
import { kFirstCases, kMostCases, readState, searchKey, toHash } from './location.js';
import { pictureNumber } from './pictures.js';
import { makeQueryBar } from './query_bar.js';
import { renderAnswer, renderMessage } from './results.js';
import { renderWelcome } from './welcome.js';
import { plural, queryWords } from './words.js';

const kGroupSize = 6;
const wide = window.matchMedia('(min-width: 1000px)');

const results = byId('results');
const pane = byId('detail');
const queryBar = makeQueryBar({ onChange: changeSearch, onError: (error) => showError(error) });

let state = readState();
let archive = { info: null, fields: [] };
let shown = { key: null, answer: null };
let searching = new AbortController();
let opening = new AbortController();
// Whether the next answer opens its first hit beside it: not once the user has closed the pane.
let paneWanted = true;

/// Goes to a state; the browser's back button comes back from it, unless `replace`.
function go(next, { replace = false } = {}) {
  const hash = toHash(next);
  if (hash !== location.hash) history[replace ? 'replaceState' : 'pushState'](null, '', hash);
  apply();
}

function changeSearch(changes) {
  go({ ...state, ...changes, hit: null, k: kFirstCases });
}

async function apply() {
  state = readState();
  queryBar.show(state, archive.info?.models ?? [], archive.fields);
  document.title = state.query?.text ? `${state.query.text} - clippath` : 'clippath';
  if (searchKey(state) !== shown.key) await search();
  showHit();
}

async function search() {
  searching.abort();
  searching = new AbortController();
  const { signal } = searching;
  const asked = state;
  const grows = shown.answer && searchKey({ ...asked, k: 0 }) === shown.keyWithoutLength;
  shown = { key: searchKey(asked), keyWithoutLength: searchKey({ ...asked, k: 0 }), answer: null };
  if (!asked.query) {
    showOnly(renderWelcome(archive, (text) => changeSearch({ query: { text } })));
    return;
  }
  if (asked.query.picture && !pictureNumber(asked.query.picture)) {
    showOnly(renderMessage('The picture is gone', ['Pictures are not kept when the page is loaded again. Drop or paste it once more.']));
    return;
  }
  results.setAttribute('aria-busy', 'true');
  say('Searching');
  try {
    const answer = await postSearch(await requestOf(asked), {
      signal,
      onWait: (seconds) => say(`The server is busy: asking again in ${plural(Math.ceil(seconds), 'second')}`),
    });
    if (signal.aborted) return;
    shown.answer = answer;
    showAnswer(answer, asked, grows);
  } catch (error) {
    if (signal.aborted) return;
    // Another try of the same search is a new one.
    shown.key = null;
    showError(error);
  } finally {
    if (!signal.aborted) results.removeAttribute('aria-busy');
  }
}

async function requestOf({ query, in: kind, model, filters, k }) {
  const request = { query: await queryOf(query), in: kind, k, group_by: 'case', group_size: kGroupSize };
  const must = toConditions(filters, archive.fields);
  if (must.length > 0) request.filter = { must };
  if (model) request.encoder = model;
  return request;
}

async function queryOf(query) {
  if (query.text) return { text: query.text };
  if (query.patch) return { patch_id: query.patch };
  if (query.report) return { report_id: query.report };
  const image = await toBase64(pictureNumber(query.picture).blob);
  return query.mpp ? { image, mpp: query.mpp } : { image };
}

function wordsOf(query) {
  return query?.text ? queryWords(query.text) : [];
}

function showAnswer(answer, asked, grows) {
  if (answer.groups.length === 0) {
    showOnly(renderEmpty(answer, asked));
    say('No hits');
    return;
  }
  const scrolled = results.scrollTop;
  results.replaceChildren(...renderAnswer(answer, {
    words: wordsOf(asked.query),
    onOpen: openHit,
    onMore: () => go({ ...state, k: Math.min(state.k + kFirstCases, kMostCases) }, { replace: true }),
  }));
  if (asked.k >= kMostCases) results.querySelector('.more')?.remove();
  results.scrollTop = grows ? scrolled : 0;
  if (!grows) window.scrollTo(0, 0);
  makeReachable(results, hitsOf(results)[0]);
  say(plural(answer.groups.length, 'case'));
}

function renderEmpty(answer, asked) {
  const filtered = Object.keys(asked.filters).length > 0;
  if (filtered && answer.matched === 0) {
    return renderMessage('Nothing passes these filters', ['No stored field has all the chosen values.'],
      el('button', { type: 'button', class: 'primary', onclick: () => changeSearch({ filters: {} }) }, 'Remove the filters'));
  }
  const lines = asked.in === 'reports' && archive.info?.counts?.reports === 0
    ? ['No reports are stored. They are added with clippath reports import.']
    : ['Nothing in the archive can be compared with this query.'];
  return renderMessage('No hits', lines);
}

function showOnly(content) {
  results.replaceChildren(content);
  results.removeAttribute('aria-busy');
}

function showError(error) {
  const lines = [error.message];
  if (error.status === 503) lines.push('The server has more to do than it can queue. Try again in a moment.');
  if (error.requestId) lines.push(el('p', { class: 'muted' }, `Request ${error.requestId}`));
  const again = error.status === 503 || error.status === 0
    ? [el('button', { type: 'button', class: 'primary', onclick: () => apply() }, 'Try again')]
    : [];
  showOnly(renderMessage('The search did not work', lines, ...again));
  say(error.message);
}

function say(text) {
  byId('status').textContent = text;
}

/// All hits of the answer in the order on the page, each with its group.
function places() {
  const groups = shown.answer?.groups || [];
  return groups.flatMap((group) => group.hits.map((hit) => ({
    hit, group, best: groups[0].similarity, isFirst: hit === groups[0].hits[0],
  })));
}

function openHit(hit) {
  paneWanted = true;
  // On a narrow page the pane covers the list, and "back" closes it.
  go({ ...state, hit: hit.id }, { replace: wide.matches || state.hit !== null });
}

function closeHit() {
  paneWanted = false;
  const closed = state.hit;
  go({ ...state, hit: null }, { replace: true });
  hitsOf(results).find((hit) => hit.dataset.hit === closed)?.focus();
}

function stepHit(step) {
  const all = places();
  const next = all[all.findIndex(({ hit }) => hit.id === pane.dataset.hit) + step];
  if (next) openHit(next.hit);
}

function showHit() {
  const all = places();
  const place = all.find(({ hit }) => hit.id === state.hit) || (wide.matches && paneWanted ? all[0] : undefined);
  for (const hit of hitsOf(results)) {
    hit.toggleAttribute('aria-current', place !== undefined && hit.dataset.hit === place.hit.id);
  }
  document.body.classList.toggle('has-detail', place !== undefined);
  pane.hidden = place === undefined;
  coverList(place !== undefined && !wide.matches);
  if (!place) {
    opening.abort();
    delete pane.dataset.hit;
    return;
  }
  const current = hitsOf(results).find((hit) => hit.dataset.hit === place.hit.id);
  current?.scrollIntoView({ block: 'nearest' });
  const key = `${shown.key} ${place.hit.id}`;
  if (pane.dataset.key === key && pane.dataset.hit) return;
  opening.abort();
  opening = new AbortController();
  pane.dataset.hit = place.hit.id;
  pane.dataset.key = key;
  renderDetail(pane, place, {
    query: state.query,
    words: wordsOf(state.query),
    signal: opening.signal,
    onClose: closeHit,
    onStep: stepHit,
    onQuery: (query) => changeSearch({ query, in: query.report ? state.in : 'patches' }),
    onOpen: openHit,
  });
  pane.scrollTop = 0;
  if (!wide.matches) pane.querySelector('h2').focus();
}

// What lies under the pane on a narrow page can neither be reached nor read aloud.
function coverList(covered) {
  for (const part of [document.querySelector('header'), results, document.querySelector('footer')]) {
    part.inert = covered;
  }
}

function listenForKeys() {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || byId('viewer').open) return;
    const typing = event.target.closest?.('input, textarea, select');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      queryBar.focus();
    } else if (event.key === 'Escape' && typing) {
      event.target.blur();
    } else if (event.key === 'Escape' && !pane.hidden) {
      closeHit();
    } else if (event.key === 'ArrowDown' && event.target === document.body) {
      hitsOf(results)[0]?.focus();
    }
  });
}

function followWidth() {
  byId('filters').open = wide.matches;
  wide.addEventListener('change', () => {
    byId('filters').open = wide.matches;
    showHit();
  });
}

function showArchive({ info }) {
  byId('demo-badge').hidden = info?.model?.demo !== true;
  if (info?.model?.demo) byId('demo-badge').title = `${info.model.name}: a small model for trying clippath out.`;
  const { counts } = info;
  byId('archive').textContent = `${plural(counts.slides, 'slide')}, ${plural(counts.patches, 'field')}, ${plural(counts.reports, 'report')}`;
}

async function start() {
  window.addEventListener('popstate', apply);
  byId('home').addEventListener('click', (event) => {
    event.preventDefault();
    go({ query: null, in: 'patches', model: null, filters: {}, k: kFirstCases, hit: null });
  });
  listenForHitKeys(results);
  listenForKeys();
  followWidth();
  try {
    const [info, { fields }] = await Promise.all([getJson('/v1/info'), getJson('/v1/fields')]);
    archive = { info, fields };
    showArchive(archive);
    await apply();
  } catch (error) {
    showError(error);
  }
}

start();
