import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Gap, Transcript } from '../../gen/edgeassist/v1/calls';
import { PartyRole, type Score } from '../../gen/edgeassist/v1/common';
import { marked, riskAt, type Moment } from '../state/curve';
import { cueWords, levelKey, percent, roleWord, span } from '../state/words';
import { seconds } from '../wire/times';
import { icon, View } from './view';

/** What was said, who said it, when; the risk along it, and the words that reasons rest on marked. Follows the newest words unless one reads further up. */
class TranscriptView extends View {
  static override properties = { finals: { attribute: false }, partials: { attribute: false }, scores: { attribute: false }, moments: { attribute: false }, gaps: { attribute: false }, until: { type: Number }, live: { type: Boolean }, follows: { state: true } };
  finals: readonly Transcript[] = [];
  partials: readonly Transcript[] = [];
  scores: readonly Score[] = [];
  moments: readonly Moment[] = [];
  gaps: readonly Gap[] = [];
  until = Infinity;
  live = false;
  private follows = true;

  override render(): unknown {
    const said = this.finals.filter(words => seconds(words.start) <= this.until);
    const open = this.partials.filter(words => words.text !== '');
    return html`<div class="transcript" tabindex="0" role="log" aria-live="off" aria-label="What was said" @scroll=${this.onScroll}>
        ${said.length + open.length === 0 ? html`<p class="muted pad">${this.live ? 'Nobody has said anything yet.' : 'Nothing was recognised.'}</p>` : nothing}
        ${repeat(said, words => `${words.leg}.${words.utterance}`, words => this.line(words))}
        ${repeat(open, words => `p${words.leg}`, words => this.line(words))}
      </div>
      ${this.follows || said.length === 0 ? nothing : html`<button class="button small newest" @click=${() => this.toNewest()}>${icon('down')} Newest words</button>`}`;
  }

  /** Brings the words of a moment into view and marks them for a moment. */
  show(words: Transcript): void {
    const line = this.querySelector<HTMLElement>(`[data-words="${words.leg}.${words.utterance}"]`);
    if (line === null) return;
    this.follows = false;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    line.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
    for (const other of this.querySelectorAll('.words.found')) other.classList.remove('found');
    line.classList.add('found');
    line.focus({ preventScroll: true });
  }

  protected override updated(changed: PropertyValues): void {
    if (!this.follows || !(changed.has('finals') || changed.has('partials') || changed.has('until') || changed.has('follows'))) return;
    const box = this.querySelector('.transcript')!;
    box.scrollTop = box.scrollHeight;
  }

  private line(words: Transcript): TemplateResult {
    const from = seconds(words.start), to = seconds(words.end), score = riskAt(this.scores, to + 1.5);
    const own = words.final ? this.moments.filter(moment => moment.reason.quote !== '' && moment.reason.role === words.role && moment.at >= from - 1.5 && moment.at <= to + 1.5 && moment.at <= this.until)
      .map(moment => ({ quote: moment.reason.quote, cue: moment.reason.cue })) : [];
    const side = words.role === PartyRole.AGENT ? 'agent' : words.role === PartyRole.CUSTOMER ? 'customer' : 'mixed';
    return html`<div class="words ${side} ${words.final ? '' : 'partial'}" tabindex="-1" data-words="${words.leg}.${words.utterance}">
      <span class="words-risk ${levelKey(score?.level ?? 0)}" title=${score === undefined ? 'not scored' : `risk ${percent(score.risk)}`}>${score === undefined ? '' : html`<i .style=${`--risk:${percent(score.risk)}%`}></i>`}</span>
      <span class="words-at">${span(from)}</span>
      <p><span class="words-who">${roleWord(words.role)}</span>${words.final ? marked(words.text, own).map(part => part.cue === '' ? part.text : html`<mark title=${cueWords(part.cue)}>${part.text}</mark>`)
        : html`${words.text}<span class="dots" aria-hidden="true">…</span>`}${words.lostShare > 0.1 ? html` <span class="tag">${Math.round(words.lostShare * 100)} % of the sound was lost</span>` : nothing}</p>
    </div>`;
  }

  private toNewest(): void {
    this.follows = true;
  }

  private onScroll = (event: Event): void => {
    const box = event.target as HTMLElement;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
    if (atEnd !== this.follows) this.follows = atEnd;
  };
}

customElements.define('ea-transcript', TranscriptView);
export type { TranscriptView };
