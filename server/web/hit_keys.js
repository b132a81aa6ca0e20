// SPDX-License-Identifier: Apache-2.0

const kSteps = { ArrowRight: 1, ArrowLeft: -1 };
const kCaseSteps = { ArrowDown: 1, ArrowUp: -1 };

/// Arrow keys among the hits of an answer: left and right from hit to hit, up and down from case to
/// case. One hit at a time can be reached by Tab (roving tabindex).
export function listenForHitKeys(results) {
  results.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const next = neighbour(results, document.activeElement, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  results.addEventListener('focusin', (event) => {
    const hit = event.target.closest('.hit');
    if (hit) makeReachable(results, hit);
  });
}

export function hitsOf(results) {
  return [...results.querySelectorAll('.hit')];
}

export function makeReachable(results, hit) {
  for (const other of hitsOf(results)) other.tabIndex = other === hit ? 0 : -1;
}

function neighbour(results, from, key) {
  if (key in kSteps) return stepFrom(hitsOf(results), from?.closest('.hit'), kSteps[key]);
  if (key in kCaseSteps) {
    const firsts = [...results.querySelectorAll('.hit-main')];
    return stepFrom(firsts, from?.closest('.case')?.querySelector('.hit-main'), kCaseSteps[key]);
  }
  return null;
}

function stepFrom(list, current, step) {
  const at = list.indexOf(current);
  return at < 0 ? list[0] : list[at + step];
}
