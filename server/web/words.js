// SPDX-License-Identifier: Apache-2.0

// Maps, for the keys come from the archive: an object would also have a `constructor`.
const kWarnings = new Map(Object.entries({
  scale_unknown:
    'Scale unknown: the picture, square by square, was taken for whole fields of view. State its µm per pixel to compare at the right magnification.',
  covered_by_fields:
    'The picture is larger than one field of view: it was covered by overlapping fields, and each hit is ranked by the field that it matches best.',
  smaller_than_field:
    'The picture shows less tissue than one field of view of the index: hits are less certain.',
  partly_covered: 'The picture is huge: fields spread evenly over it were compared, not every part of it.',
  stain_not_normalised:
    'The stains of the picture could not be told apart: it was compared as it is, while the pictures of the index were evened out.',
}));

const kFieldNames = new Map(Object.entries({
  mpp: 'µm per pixel',
  mpp_source: 'scale from',
  extent_um: 'field of view',
  slide_id: 'slide',
  case_id: 'case',
  tissue_fraction: 'tissue',
  white_fraction: 'white',
  vendor: 'scanner',
  partial: 'partly read',
}));

const kMppSources = new Map(Object.entries({
  manifest: 'stated in the manifest',
  slide_tag: 'from the slide',
  vendor_tag: "from the scanner's tags",
  tiff_resolution: 'from the TIFF resolution',
  objective: 'guessed from the objective',
  assumed: 'assumed',
}));

// A patch that is uploaded again has at least this cosine with itself.
const kSame = 0.99;

export const kNoDiagnosis = 'No diagnosis recorded';

/// A field's value as a person writes it; `true` and `false` also where the API lists them as text.
export function valueText(value) {
  const text = String(value);
  if (text === 'true') return 'yes';
  return text === 'false' ? 'no' : text;
}

export function warningText(code) {
  return kWarnings.get(code) || code.replaceAll('_', ' ');
}

export function fieldName(name) {
  return kFieldNames.get(name) || name.replaceAll('_', ' ');
}

export function mppSourceText(source) {
  return kMppSources.get(source) || String(source || '').replaceAll('_', ' ');
}

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/// A length in the unit that a pathologist would say.
export function lengthText(um) {
  if (um >= 1000) return `${trimmed(um / 1000)} mm`;
  return `${trimmed(um)} µm`;
}

export function mppText(mpp) {
  return `${mpp.toFixed(mpp < 1 ? 3 : 2)} µm/px`;
}

function trimmed(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

/// How near a hit is, in words. A cosine means something else for every model and kind of query, so
/// the words compare with the closest hit of the same answer and with nothing else.
export function similarityText({ similarity, kind }, best, isFirst) {
  if (similarity >= kSame && kind !== 'report') return 'the same picture';
  if (isFirst) return 'closest';
  const share = best > 0 ? similarity / best : 0;
  if (share >= 0.95) return 'about as close';
  if (share >= 0.8) return 'close';
  if (share >= 0.5) return 'less close';
  return 'far';
}

export function similarityTitle(similarity) {
  return `Cosine similarity ${similarity.toFixed(3)}. The words compare with the closest hit of this answer.`;
}

/// The words of a query that are worth marking in a report.
export function queryWords(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) || [];
  return [...new Set(words)];
}

/// Cuts a text in pieces `{text, marked}`, whole words only; put together they are the text.
export function markedPieces(text, words) {
  if (words.length === 0) return [{ text, marked: false }];
  const wanted = new Set(words);
  const pieces = [];
  let plain = 0;
  for (const match of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (!wanted.has(match[0].toLowerCase())) continue;
    pieces.push({ text: text.slice(plain, match.index), marked: false });
    pieces.push({ text: match[0], marked: true });
    plain = match.index + match[0].length;
  }
  pieces.push({ text: text.slice(plain), marked: false });
  return pieces.filter((piece) => piece.text !== '');
}

/// About `length` characters of a text, beginning a little before the first wanted word.
export function excerpt(text, words, length) {
  const flat = text.replace(/\s+/g, ' ').trim();
  let from = 0;
  const first = markedPieces(flat, words);
  if (first.length > 1 && !first[0].marked) from = Math.max(0, first[0].text.length - 40);
  if (from > 0) from = flat.indexOf(' ', from) + 1;
  const cut = flat.slice(from, from + length);
  return (from > 0 ? '… ' : '') + cut + (from + length < flat.length ? ' …' : '');
}
