// SPDX-License-Identifier: Apache-2.0
import { el } from './dom.js';
import { fieldName, valueText } from './words.js';

const kMostChoices = 60;
const kMostNumbers = 12;
const kShownAtOnce = 3;
const kFirst = ['organ', 'diagnosis', 'stain', 'site', 'project', 'year'];
// Ids and measures: every patch or case has its own, so a list to choose from says nothing.
const kNeverOffered = ['slide_id', 'case_id', 'caption', 'mpp', 'tissue_fraction', 'white_fraction', 'attention'];

/// The fields that are offered as lists: those with a few values to choose between; first those that
/// a pathologist asks for, then those that most patches have.
function offeredFields(fields) {
  const rank = (field) => (kFirst.includes(field.name) ? kFirst.indexOf(field.name) : kFirst.length);
  return fields
    .filter((field) => field.values.length >= 2 && !field.more_values && !kNeverOffered.includes(field.name))
    .filter((field) => field.values.length <= (field.type === 'number' ? kMostNumbers : kMostChoices))
    .sort((a, b) => rank(a) - rank(b) || b.count - a.count);
}

/// The conditions of `filters` (name to text) as the API wants them, typed as their fields are.
export function toConditions(filters, fields) {
  return Object.entries(filters).map(([name, text]) => {
    const type = fields.find((field) => field.name === name)?.type;
    return { field: name, equals: typedValue(type, text) };
  });
}

function typedValue(type, text) {
  if (type === 'number' && text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (type === 'bool') return text === 'true' || text === 'yes';
  return text;
}

/// A list for each offered field, and a removable mark for each other filter that is set.
export function renderFilters(fields, filters, onChange) {
  const offered = offeredFields(fields);
  const set = (name, value) => {
    const next = { ...filters };
    if (value === '') {
      delete next[name];
    } else {
      next[name] = value;
    }
    onChange(next);
  };
  const lists = offered.map((field) => el('label', { class: 'filter' },
    el('span', {}, fieldName(field.name)),
    filterList(field, Object.hasOwn(filters, field.name) ? filters[field.name] : '', (value) => set(field.name, value))));
  const others = Object.entries(filters)
    .filter(([name]) => !offered.some((field) => field.name === name))
    .map(([name, value]) => el('button', {
      type: 'button', class: 'filter-mark', title: 'Remove this filter', onclick: () => set(name, ''),
    }, `${fieldName(name)}: ${valueText(value)}`, el('span', { 'aria-hidden': 'true' }, ' ×')));
  if (lists.length <= kShownAtOnce + 1) return [...lists, ...others];
  const rest = offered.slice(kShownAtOnce);
  const more = el('details', { class: 'more-filters', open: rest.some((field) => Object.hasOwn(filters, field.name)) },
    el('summary', {}, `${rest.length} more`), el('div', {}, lists.slice(kShownAtOnce)));
  return [...lists.slice(0, kShownAtOnce), ...others, more];
}

function filterList(field, chosen, onChoose) {
  const values = field.values.map(({ value, count }) => ({ text: String(value), count }));
  if (chosen !== '' && !values.some((value) => value.text === chosen)) {
    values.push({ text: chosen, count: 0 });
  }
  const list = el('select', { name: field.name, class: chosen === '' ? '' : 'is-set' },
    el('option', { value: '' }, 'any'),
    values.map(({ text, count }) => el('option', { value: text }, `${valueText(text)} (${count.toLocaleString('en')})`)));
  list.value = chosen;
  list.addEventListener('change', () => onChoose(list.value));
  return list;
}
