// SPDX-License-Identifier: Apache-2.0
//
// The whole state of the page stands in the address after `#`, which browsers do not send: a search
// can be shared and gone back to, and its words reach no server log.

export const kFirstCases = 20;
export const kMostCases = 200;
const kKinds = ['patches', 'slides', 'reports'];

/// `{query, in, model, filters, k, hit}`; `model` is the id of an encoder, null the archive's first. `query` is null or one of `{text}`, `{patch}`, `{report}` and
/// `{picture, mpp}`, where `picture` numbers a picture of this visit.
export function readState(hash = location.hash) {
  const parameters = new URLSearchParams(hash.replace(/^#\??/, ''));
  const filters = {};
  for (const [name, value] of parameters) {
    if (name.startsWith('f.')) filters[name.slice(2)] = value;
  }
  const k = Number(parameters.get('k'));
  return {
    query: readQuery(parameters),
    in: kKinds.includes(parameters.get('in')) ? parameters.get('in') : 'patches',
    model: parameters.get('model') || null,
    filters,
    k: Number.isInteger(k) && k > 0 ? Math.min(k, kMostCases) : kFirstCases,
    hit: parameters.get('hit'),
  };
}

function readQuery(parameters) {
  const text = parameters.get('q')?.trim();
  if (text) return { text };
  if (parameters.get('patch')) return { patch: parameters.get('patch') };
  if (parameters.get('report')) return { report: parameters.get('report') };
  if (parameters.get('picture')) {
    const mpp = Number(parameters.get('mpp'));
    return { picture: Number(parameters.get('picture')), mpp: mpp > 0 ? mpp : null };
  }
  return null;
}

export function toHash(state) {
  const parameters = new URLSearchParams();
  const { query } = state;
  if (query?.text) parameters.set('q', query.text);
  if (query?.patch) parameters.set('patch', query.patch);
  if (query?.report) parameters.set('report', query.report);
  if (query?.picture) parameters.set('picture', query.picture);
  if (query?.mpp) parameters.set('mpp', query.mpp);
  if (state.in !== 'patches') parameters.set('in', state.in);
  if (state.model) parameters.set('model', state.model);
  for (const [name, value] of Object.entries(state.filters)) parameters.set(`f.${name}`, value);
  if (state.k !== kFirstCases) parameters.set('k', state.k);
  if (state.hit) parameters.set('hit', state.hit);
  return `#${parameters}`;
}

/// Two states with the same key have the same answer.
export function searchKey(state) {
  return toHash({ ...state, hit: null });
}
