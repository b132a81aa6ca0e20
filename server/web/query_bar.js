// SPDX-License-Identifier: Apache-2.0
import { patchPath } from './api.js';
import { byId, el, picture } from './dom.js';
import { renderFilters } from './filters.js';
import { firstPicture, keepPicture, pictureNumber } from './pictures.js';

const kTallestPx = 132;

/// The search form. `onChange` hears the parts of the state that the user changed; `onError` hears
/// why a picture cannot be used.
export function makeQueryBar({ onChange, onError }) {
  const form = byId('search-form');
  const input = byId('query');
  const chip = byId('query-chip');
  const file = byId('picture-file');
  let state = null;

  function fitHeight() {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, kTallestPx)}px`;
  }

  function submit() {
    const text = input.value.trim();
    if (text !== '') {
      onChange({ query: { text } });
    } else if (state?.query && !state.query.text) {
      onChange({});
    } else {
      input.focus();
    }
  }

  async function usePicture(blob) {
    try {
      onChange({ query: { picture: await keepPicture(blob), mpp: null } });
    } catch (error) {
      onError(error);
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener('input', fitHeight);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  form.addEventListener('change', (event) => {
    if (event.target.name === 'in') onChange({ in: event.target.value });
    if (event.target.name === 'model') onChange({ model: event.target.value || null });
  });
  byId('choose-picture').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    if (file.files[0]) usePicture(file.files[0]);
    file.value = '';
  });
  listenForPictures(usePicture);

  return {
    focus() {
      input.focus();
      input.select();
    },
    /// Shows a state, the models that it can be asked of and the fields that it can be filtered by.
    show(next, models, fields) {
      state = next;
      input.value = next.query?.text || '';
      fitHeight();
      form.elements.in.value = next.in;
      byId('model').replaceChildren(...models.map(renderModel));
      byId('model').value = next.model ?? '';
      byId('model-choice').hidden = models.length < 2;
      chip.replaceChildren(...renderQueryChip(next.query, onChange));
      chip.hidden = chip.childElementCount === 0;
      input.placeholder = chip.hidden ? 'Diagnosis, finding or report text' : 'or search by words';
      const filters = renderFilters(fields, next.filters, (chosen) => onChange({ filters: chosen }));
      byId('filter-fields').replaceChildren(...filters);
      byId('filters').hidden = filters.length === 0;
      const count = Object.keys(next.filters).length;
      byId('filter-count').textContent = count === 0 ? '' : ` (${count})`;
    },
  };
}

/// The first model has no value: an address without a model means it.
function renderModel(model, place) {
  const name = model.texts ? model.name : `${model.name} (pictures only)`;
  return el('option', { value: place === 0 ? '' : model.encoder, title: model.encoder }, name);
}

function renderQueryChip(query, onChange) {
  if (!query || query.text) return [];
  const remove = el('button', {
    type: 'button', class: 'remove', 'aria-label': 'Remove this query', title: 'Remove this query',
    onclick: () => onChange({ query: null }),
  }, '×');
  if (query.picture) {
    const kept = pictureNumber(query.picture);
    if (!kept) return [];
    return [
      picture(kept.url, 'Your picture'),
      el('span', { class: 'chip-name', title: `${kept.name}, ${kept.width} × ${kept.height} px` }, kept.name),
      mppInput(query, onChange),
      remove,
    ];
  }
  if (query.patch) {
    return [
      picture(`${patchPath(query.patch)}/image`, 'The patch searched with'),
      el('span', { class: 'chip-name', title: query.patch }, `Like ${query.patch}`),
      remove,
    ];
  }
  return [el('span', { class: 'chip-name', title: query.report }, `Like report ${query.report}`), remove];
}

function mppInput(query, onChange) {
  const input = el('input', {
    type: 'number', min: '0.05', max: '20', step: 'any', placeholder: 'unknown', value: query.mpp ?? '',
    title: 'Micrometres per pixel of your picture, 0.05 to 20. At 20x it is usually about 0.5, at 40x about 0.25.',
  });
  input.addEventListener('change', () => {
    if (!input.reportValidity()) return;
    onChange({ query: { ...query, mpp: input.value === '' ? null : Number(input.value) } });
  });
  return el('label', { class: 'chip-mpp' }, input, el('span', {}, 'µm/px'));
}

// Anywhere on the page: a picture is dropped where the mouse happens to be.
function listenForPictures(usePicture) {
  const target = byId('drop-target');
  const carriesFile = (event) => [...(event.dataTransfer?.types || [])].includes('Files');
  window.addEventListener('dragover', (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    target.hidden = false;
  });
  window.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) target.hidden = true;
  });
  window.addEventListener('drop', (event) => {
    target.hidden = true;
    const dropped = firstPicture(event.dataTransfer);
    if (!dropped) return;
    event.preventDefault();
    usePicture(dropped);
  });
  window.addEventListener('paste', (event) => {
    const pasted = firstPicture(event.clipboardData);
    if (!pasted) return;
    event.preventDefault();
    usePicture(pasted);
  });
}
