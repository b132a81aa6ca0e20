// SPDX-License-Identifier: Apache-2.0
import { el } from './dom.js';
import { renderMessage } from './results.js';
import { plural } from './words.js';

const kMostExamples = 6;
const kLongestExample = 48;

/// The page before a search: what is in the archive, and diagnoses out of it to try.
export function renderWelcome({ info, fields }, onExample) {
  if (info.counts.patches === 0) return renderNoIndex();
  const { counts, model } = info;
  const examples = examplesOf(fields);
  return el('div', { class: 'welcome' },
    el('h1', {}, 'Search the slide archive by words or by picture'),
    el('p', {}, 'Type a diagnosis or a finding, or drop or paste a PNG or JPEG of a field. The answer is a list of similar cases with their diagnoses, slides and reports.'),
    examples.length > 0 && el('div', { class: 'examples' }, el('h2', {}, 'Try'),
      el('ul', {}, examples.map((text) => el('li', {}, el('button', { type: 'button', onclick: () => onExample(text) }, text))))),
    el('p', { class: 'muted' },
      `In this archive: ${plural(counts.patches, 'field')} of ${plural(counts.slides, 'slide')}, ${plural(counts.reports, 'report')}.`
      + (model ? ` Model: ${model.name}.` : '')),
    model?.demo && el('p', { class: 'warning' },
      'The model is a small demonstration model. It was trained on few cases, some of which are in this archive; those are marked “seen in training”.'),
    el('p', { class: 'notice' }, 'Similar-case retrieval, not a diagnosis'));
}

function renderNoIndex() {
  return renderMessage('No slides are indexed yet', [
    'Stop the server, index a folder of slides into its data folder, and start it again:',
    el('pre', {}, 'clippath index SLIDES --data DIR --model MODEL\nclippath serve --data DIR'),
  ]);
}

// Diagnoses that the archive really holds, so that an example never comes back empty.
function examplesOf(fields) {
  const captions = fields.find((field) => field.name === 'caption')?.values || [];
  return captions.map(({ value }) => String(value)).filter((text) => text.length <= kLongestExample).slice(0, kMostExamples);
}
