import { LitElement, html, svg, type TemplateResult } from 'lit';
import type { Level, Score } from '../../gen/edgeassist/v1/common';
import { sparkPath } from '../state/curve';
import { levelKey, levelWord } from '../state/words';

/** An element that renders into the page itself: one stylesheet, one order of focus, one tree for assistive technology. */
export class View extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** Each level has a shape of its own, so that colour is never alone: a ring, a half, a triangle, a diamond. */
export function glyph(level: Level, size = ''): TemplateResult {
  const key = levelKey(level);
  const shape = key === 'critical' ? svg`<path d="M12 1.5 22.5 12 12 22.5 1.5 12Z"/><path class="cut" d="M12 7v6m0 3v.6"/>`
    : key === 'escalated' ? svg`<path d="M12 2.8 22.4 21H1.6Z"/><path class="cut" d="M12 9.5v5m0 2.6v.5"/>`
    : key === 'watch' ? svg`<circle cx="12" cy="12" r="8.5" class="ring"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17Z"/>`
    : key === 'calm' ? svg`<circle cx="12" cy="12" r="8.5" class="ring"/>`
    : svg`<circle cx="12" cy="12" r="8.5" class="ring dashed"/>`;
  return html`<svg class="glyph ${key} ${size}" viewBox="0 0 24 24" role="img" aria-label=${levelWord(level)}>${shape}</svg>`;
}

/** The course of the risk over the last two minutes. */
export function spark(scores: readonly Score[], level: Level): TemplateResult {
  const width = 120, height = 32;
  const path = sparkPath(scores, width, height - 4, 120);
  return html`<svg class="spark ${levelKey(level)}" viewBox="0 -2 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
    <path class="base" d="M0 ${height - 4}H${width}"/>
    ${path === '' ? '' : svg`<path class="area" d="${path}V${height - 4}H${/^M([\d.]+)/.exec(path)?.[1] ?? 0}Z"/><path class="line" d=${path}/>`}
  </svg>`;
}

const ICONS = {
  wall: svg`<path d="M4 5h16M4 12h11M4 19h7"/>`,
  past: svg`<path d="M3.5 12a8.5 8.5 0 1 0 2.6-6.1L3.5 8.5"/><path d="M3.5 4v4.5H8M12 7.5V12l3 2"/>`,
  sound: svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5Z"/><path d="M15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11"/>`,
  mute: svg`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5Z"/><path d="m16 9.5 5 5m0-5-5 5"/>`,
  help: svg`<circle cx="12" cy="12" r="9"/><path d="M9.3 9.4a2.8 2.8 0 0 1 5.4.9c0 1.9-2.7 2.3-2.7 3.9"/><path d="M12 17.2v.1"/>`,
  gear: svg`<path d="M4 7h9m5 0h2M4 17h2m5 0h9"/><circle cx="15.5" cy="7" r="2.3"/><circle cx="8.5" cy="17" r="2.3"/>`,
  out: svg`<path d="M10 4.5H5.5v15H10M14.5 8l4 4-4 4M18 12H9.5"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  hand: svg`<path d="M7.5 12V6.2a1.6 1.6 0 0 1 3.2 0V11V4.6a1.6 1.6 0 0 1 3.2 0V11V6a1.6 1.6 0 0 1 3.2 0v8.2c0 3.6-2.3 6.3-5.7 6.3-2.6 0-4-1.2-5.4-3.6l-2.6-4.6a1.6 1.6 0 0 1 2.7-1.7Z"/>`,
  ear: svg`<path d="M6.5 9.5a5.5 5.5 0 0 1 11 0c0 4-3.5 4.5-3.5 7.3a3.4 3.4 0 0 1-6 2.2"/><path d="M9.5 9.5a2.5 2.5 0 0 1 5 0c0 1.7-1.7 2-1.7 3.6"/>`,
  whisper: svg`<path d="M4 12.5c2-2.8 4-4.2 6-4.2 1 0 1.4.7 2 .7s1-.7 2-.7c2 0 4 1.4 6 4.2-2 3.3-4.6 5-8 5s-6-1.7-8-5Z"/><path d="M4 12.5h16"/>`,
  barge: svg`<circle cx="8" cy="9" r="3"/><circle cx="16" cy="9" r="3"/><path d="M3 19c0-3 2-5 5-5 1.600 0 3 .6 4 1.700 1-1.100 2.400-1.700 4-1.700 3 0 5 2 5 5"/>`,
  takeover: svg`<path d="M4 8h13l-3.500-3.500M20 16H7l3.500 3.500"/>`,
  note: svg`<path d="M5 4.500h14v10l-5 5H5Z"/><path d="M14 19.500v-5h5M8.500 9h7M8.500 12.500h4"/>`,
  send: svg`<path d="m4 12 16-7.500-5 15.500-3.500-6.500Z"/><path d="m11.500 13.500 8.500-9"/>`,
  check: svg`<path d="m5 12.500 4.500 4.500L19 7.500"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.500"/><path d="M12 7.500V12l3 2"/>`,
  play: svg`<path d="M7.500 5v14l11-7Z"/>`,
  pause: svg`<path d="M8 5.500v13M16 5.500v13"/>`,
  eye: svg`<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12Z"/><circle cx="12" cy="12" r="2.800"/>`,
  blind: svg`<path d="M4 4l16 16M9.500 6c.8-.3 1.600-.5 2.500-.5 6 0 9.500 6.500 9.500 6.500a15 15 0 0 1-2.600 3.300M6 8a14.500 14.500 0 0 0-3.500 4S6 18.500 12 18.500c1.500 0 2.800-.4 4-1"/>`,
  up: svg`<path d="M6 15.500 12 9l6 6.500"/>`,
  down: svg`<path d="m6 8.500 6 6.500 6-6.500"/>`,
  steady: svg`<path d="M5 12h14"/>`,
  history: svg`<path d="M5 4.500h14v15H5Z"/><path d="M8.500 9h7M8.500 12.500h7M8.500 16h4"/>`,
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;
}

/** A key as it is printed on the keyboard, beside what it does. */
export function key(letter: string): TemplateResult {
  return html`<kbd aria-hidden="true">${letter}</kbd>`;
}
