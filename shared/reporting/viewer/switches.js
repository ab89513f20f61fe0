/** Structure names as switches: a structure is shown or hidden in DVH and slices alike. */
import { element } from './elements.js';

/** Makes a button of every structure key; all keys of a structure change together. */
export function startSwitches() {
  for (const key of document.querySelectorAll('[data-key]')) {
    const button = element('button', {
      type: 'button',
      className: key.className,
      title: 'Show or hide',
      onclick: () => setShown(button.dataset.key, button.ariaPressed === 'false'),
    });
    button.dataset.key = key.dataset.key;
    button.ariaPressed = 'true';
    button.append(...key.childNodes);
    key.replaceWith(button);
  }
}

function setShown(structure, shown) {
  for (const key of document.querySelectorAll(`[data-key="${structure}"]`)) {
    key.ariaPressed = String(shown);
  }
  for (const part of document.querySelectorAll(`[data-structure="${structure}"]`)) {
    part.toggleAttribute('hidden', !shown);
  }
}

/** Whether a structure's switch is on. */
export function isShown(structure) {
  return document.querySelector(`[data-key="${structure}"]`)?.ariaPressed !== 'false';
}
