// SPDX-License-Identifier: Apache-2.0

const kLongestWaitSeconds = 15;

/// An answer other than 2xx, in words that can be shown.
class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.code = problem.code || '';
    this.requestId = problem.request_id || '';
  }
}

async function readAnswer(response) {
  const type = response.headers.get('Content-Type') || '';
  const body = type.includes('json') ? await response.json().catch(() => ({})) : {};
  if (!response.ok) throw new ApiError(response.status, body);
  return body;
}

async function send(path, options) {
  try {
    return await fetch(path, { ...options, credentials: 'same-origin', redirect: 'error' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, { detail: 'The server cannot be reached. Is clippath serve still running?' });
  }
}

function wait(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('superseded', 'AbortError'));
    }, { once: true });
  });
}

export async function getJson(path, signal) {
  return readAnswer(await send(path, { signal }));
}

/// Posts a search. A busy server (503) is asked once more after the time that it names; `onWait`
/// hears how many seconds that are.
export async function postSearch(body, { signal, onWait }) {
  const request = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  };
  const first = await send('/v1/search', request);
  if (first.status !== 503) return readAnswer(first);
  const named = Number(first.headers.get('Retry-After'));
  const seconds = Math.min(named > 0 ? named : 1, kLongestWaitSeconds);
  onWait(seconds);
  await wait(seconds, signal);
  return readAnswer(await send('/v1/search', request));
}

/// The bytes of a picture as base64.
export function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(new ApiError(0, { detail: 'The picture file cannot be read.' }));
    reader.readAsDataURL(blob);
  });
}

export const patchPath = (id) => `/v1/patches/${encodeURIComponent(id)}`;
export const slidePath = (id) => `/v1/slides/${encodeURIComponent(id)}`;

/// Where a level-0 rectangle of a slide is read as a picture.
export function regionPath(slideId, rect, maxPx) {
  const query = new URLSearchParams({
    x: rect.x, y: rect.y, width: rect.width, height: rect.height, max_px: maxPx,
  });
  return `${slidePath(slideId)}/region?${query}`;
}
