/** One plane: its canvases, its drawing, its slider, and what the reader does to them. */
import { drawn, element, pointerOn, written } from './elements.js';

const layerScrollPixels = 40;
const scrollPauseMs = 250;

/**
 * Turns a figure of the page into a panel.
 * @param on what to do: `point(u, v)`, `click(u, v)`, `step(layers)`, `layer(number)`
 */
export function startPanel(figure, plane, on) {
  const svg = figure.querySelector('svg');
  svg.querySelector('image').remove();
  const canvases = [element('canvas', {}), element('canvas', {})];
  const stack = element('div', { className: 'stack' });
  svg.replaceWith(stack);
  stack.append(...canvases, svg);
  const axis = 'xyz'[plane.normal];
  const slider = element('input', {
    type: 'range',
    step: 1,
    'aria-label': `${plane.name} slice`,
    oninput: () => on.layer(Number(slider.value)),
  });
  figure.append(element('div', { className: 'slider' }, slider));
  svg.addEventListener('pointermove', (event) => {
    const { x, y } = pointerOn(svg, event);
    (event.buttons === 1 ? on.click : on.point)(x, y);
  });
  svg.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const { x, y } = pointerOn(svg, event);
    slider.focus({ preventScroll: true });
    on.click(x, y);
  });
  leafByWheel(stack, on.step);
  const cross = drawn(svg, 'path', { class: 'cross' });
  const caption = figure.querySelector('.at');
  return {
    plane,
    svg,
    ctCanvas: canvases[0],
    washCanvas: canvases[1],
    isocentre: svg.querySelector('.isocentre'),
    isodoses: svg.querySelector('.isodoses'),
    outlines: [...svg.querySelectorAll('.outline')],
    /** Shows where this plane is, and where the other two cut it. */
    place(positionMm, layer, [first, last], u, v) {
      const text = `${axis} = ${written(positionMm, 1)} mm`;
      caption.textContent = text;
      slider.min = first;
      slider.max = last;
      slider.value = layer;
      slider.setAttribute('aria-valuetext', text);
      const { x, y, width, height } = svg.viewBox.baseVal;
      cross.setAttribute('d', `M${x} ${v}h${width}M${u} ${y}v${height}`);
    },
  };
}

/** The wheel leafs, except while it goes on scrolling a page that moved under the pointer. */
function leafByWheel(stack, step) {
  let pageScrolledAt = Number.NEGATIVE_INFINITY;
  let scrolled = 0;
  window.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey) return;
      const pageScrolls = event.timeStamp - pageScrolledAt < scrollPauseMs;
      if (pageScrolls || !stack.contains(event.target)) {
        pageScrolledAt = event.timeStamp;
        return;
      }
      event.preventDefault();
      scrolled += event.deltaMode === 0 ? event.deltaY : event.deltaY * layerScrollPixels;
      const layers = Math.trunc(scrolled / layerScrollPixels);
      scrolled -= layers * layerScrollPixels;
      if (layers !== 0) step(-Math.sign(layers));
    },
    { passive: false },
  );
}
