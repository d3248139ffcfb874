import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Alert } from '../../gen/edgeassist/v1/alerts';
import type { AgentMessage, Prompt } from '../../gen/edgeassist/v1/assist';
import type { Call } from '../../gen/edgeassist/v1/calls';
import { Level } from '../../gen/edgeassist/v1/common';
import { promptWord } from '../state/assist';
import { OpenCall } from '../state/calls';
import { riskAt, utteranceAt } from '../state/curve';
import { desk } from '../state/desk';
import { EVERYTHING, fits, worst, type PastFilter } from '../state/past';
import { Follows } from '../state/store';
import { cueWords, levelWord, momentOf, percent, span, stateWord } from '../state/words';
import { explain } from '../wire/failure';
import { ms, seconds } from '../wire/times';
import type { Mark } from './curve';
import { bind, unbind } from './keys';
import { go } from './route';
import type { TranscriptView } from './transcript';
import { glyph, icon, key, View } from './view';

const PAGE = 100, SPEEDS = [1, 2, 4, 8];

/** Calls of the past: found by who, when and how bad; one of them played back with its curve. */
class PastView extends View {
  static override properties = {
    callId: { type: String }, filter: { state: true }, list: { state: true }, next: { state: true }, busy: { state: true }, problem: { state: true },
    call: { state: true }, at: { state: true }, playing: { state: true }, speed: { state: true },
  };
  callId = '';
  private filter: PastFilter = EVERYTHING;
  private list: Call[] = [];
  private alerts = new Map<string, Alert>();
  private next = '';
  private busy = false;
  private problem = '';
  private call: OpenCall | undefined;
  private prompts: readonly Prompt[] = [];
  private messages: readonly AgentMessage[] = [];
  private at = Infinity;
  private playing = false;
  private speed = 2;
  private frame = 0;

  constructor() {
    super();
    new Follows(this, desk.settings);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load('');
    const open = (): boolean => this.call !== undefined;
    bind('past', {
      title: 'Past calls',
      actions: [
        { keys: [' '], does: 'Play or pause', run: () => this.toggle(), when: open },
        { keys: ['ArrowRight'], does: '5 s on', run: () => this.seek(this.position + 5), when: open },
        { keys: ['ArrowLeft'], does: '5 s back', run: () => this.seek(this.position - 5), when: open },
        { keys: ['.'], does: 'To the next moment noticed', run: () => this.jump(1), when: open },
        { keys: [','], does: 'To the moment before', run: () => this.jump(-1), when: open },
        { keys: ['/'], does: 'Filter', run: () => this.querySelector<HTMLInputElement>('input[type=search]')?.focus() },
        { keys: ['Escape'], does: 'Back to the list', run: () => go('past'), when: () => this.callId !== '' },
      ],
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    unbind('past');
    this.pause();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('callId')) return;
    this.pause();
    [this.call, this.prompts, this.messages, this.at] = [undefined, [], [], Infinity];
    if (this.callId !== '') void this.open(this.callId);
  }

  override render(): unknown {
    return this.callId === '' ? this.table() : this.replay();
  }

  private table(): TemplateResult {
    const shown = this.list.filter(call => fits(this.filter, call, this.alerts.get(call.callId)));
    const set = (part: Partial<PastFilter>): void => { this.filter = { ...this.filter, ...part }; };
    return html`<main class="past">
      <div class="list-head"><h1>Past calls</h1>
        <label class="filter"><span class="hidden">Agent, team, customer or outcome</span><input type="search" placeholder="Agent, team, outcome" .value=${this.filter.text} @input=${(event: Event) => set({ text: (event.target as HTMLInputElement).value })}>${key('/')}</label>
        <label class="field inline"><span>At least</span><select @change=${(event: Event) => set({ level: Number((event.target as HTMLSelectElement).value) })}>
          ${[Level.UNSPECIFIED, Level.WATCH, Level.ESCALATED, Level.CRITICAL].map(level => html`<option value=${level} ?selected=${this.filter.level === level}>${level === Level.UNSPECIFIED ? 'any' : levelWord(level)}</option>`)}</select></label>
        <label class="field inline"><span>From</span><input type="date" .value=${this.filter.from} @change=${(event: Event) => set({ from: (event.target as HTMLInputElement).value })}></label>
        <label class="field inline"><span>To</span><input type="date" .value=${this.filter.to} @change=${(event: Event) => set({ to: (event.target as HTMLInputElement).value })}></label>
        <span class="grow"></span><button class="button small" ?disabled=${this.busy} @click=${() => void this.load('')}>Look again</button>
      </div>
      ${this.problem === '' ? nothing : html`<p class="banner bad" role="alert">${this.problem}</p>`}
      ${shown.length === 0 ? html`<div class="empty"><h2>${this.busy ? 'Looking…' : this.list.length === 0 ? 'No calls yet' : 'No call fits'}</h2><p>${this.list.length === 0 ? 'Calls stay here for as long as the journal keeps them.' : 'Change the filter, or load older calls.'}</p></div>`
        : html`<div class="table-box"><table><thead><tr><th scope="col">When</th><th scope="col">Agent</th><th scope="col">Team</th><th scope="col">Length</th><th scope="col">Worst</th><th scope="col">At the end</th><th scope="col">Alert</th><th scope="col">Outcome</th></tr></thead>
          <tbody>${shown.map(call => this.entry(call))}</tbody></table></div>`}
      ${this.next === '' ? nothing : html`<div class="buttons"><button class="button" ?disabled=${this.busy} @click=${() => void this.load(this.next)}>${this.busy ? 'Loading…' : 'Older calls'}</button></div>`}
    </main>`;
  }

  private entry(call: Call): TemplateResult {
    const alert = this.alerts.get(call.callId), start = ms(call.startedAt) ?? 0, end = ms(call.endedAt), level = worst(call, alert);
    return html`<tr><td><a href="#/past/${call.callId}">${new Date(start).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}</a></td><td><strong>${call.agent || '–'}</strong></td><td>${call.team || '–'}</td>
      <td class="number">${end === undefined ? html`<span class="live-dot">live</span>` : span((end - start) / 1000)}</td><td>${glyph(level)} ${levelWord(level)}</td><td class="number">${call.score === undefined ? '–' : percent(call.score.risk)}</td>
      <td>${alert === undefined ? html`<span class="muted">none</span>` : html`${stateWord(alert.state)}${alert.holder !== '' || alert.closedBy !== '' ? html` <span class="muted">${alert.closedBy || alert.holder}</span>` : ''}`}</td><td>${alert?.outcome?.disposition || html`<span class="muted">–</span>`}</td></tr>`;
  }

  private replay(): TemplateResult {
    const opened = this.call, call = opened?.call;
    if (opened === undefined || call === undefined) return html`<main class="past"><div class="empty"><h1>${this.problem === '' ? 'Opening…' : 'Not to be found'}</h1><p>${this.problem}</p><a class="button" href="#/past">Back to the list</a></div></main>`;
    const alert = this.alerts.get(call.callId), start = ms(call.startedAt) ?? 0, position = this.position, score = riskAt(opened.scores, position), outcome = alert?.outcome;
    return html`<main class="past replay">
      <header class="call-head">${glyph(score?.level ?? Level.UNSPECIFIED, 'huge')}<div class="call-who"><h1>${call.agent || 'Unknown agent'} ${call.team === '' ? nothing : html`<span class="tag">${call.team}</span>`}</h1>
        <p class="muted">${new Date(start).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' })} · ${span(this.length)}${call.customer === '' ? '' : html` · with <strong>${call.customer}</strong>`}</p></div>
        <div class="call-risk ${score === undefined ? '' : `at-${score.level}`}"><b>${score === undefined ? '–' : percent(score.risk)}</b><span><strong>${levelWord(score?.level ?? Level.UNSPECIFIED)}</strong><small>at ${span(position)}</small></span></div>
        <a class="icon-button" href="#/past" aria-label="Back to the list" title="Back (Esc)">${icon('close')}</a></header>
      <div class="player" role="group" aria-label="Replay"><button class="icon-button strong" aria-label=${this.playing ? 'Pause' : 'Play'} @click=${() => this.toggle()}>${icon(this.playing ? 'pause' : 'play')}</button>
        <span class="number">${span(position)}</span><input type="range" aria-label="Moment of the call" min="0" max=${Math.ceil(this.length)} step="0.5" .value=${String(position)} aria-valuetext="${span(position)} of ${span(this.length)}" @input=${(event: Event) => this.seek(Number((event.target as HTMLInputElement).value))}>
        <span class="number muted">${span(this.length)}</span>
        <button class="button small" title="Speed" aria-label="Speed, now ${this.speed} times" @click=${() => { this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length]!; }}>${this.speed}×</button>
        <button class="button small" @click=${() => this.jump(-1)}>Moment before${key(',')}</button><button class="button small" @click=${() => this.jump(1)}>Next moment${key('.')}</button></div>
      <div class="call-grid"><div class="call-main">
        <div class="card flush"><ea-curve .scores=${opened.scores} .moments=${opened.moments} .gaps=${opened.gaps} .marks=${this.marks(start, alert)} .length=${this.length} .until=${position} .theme=${desk.settings.now.theme} @moment=${(event: CustomEvent<number>) => this.seek(event.detail)}></ea-curve></div>
        <ea-transcript class="card flush" .finals=${opened.finals} .scores=${opened.scores} .moments=${opened.moments} .gaps=${opened.gaps} .until=${position}></ea-transcript></div>
        <aside class="rail" aria-label="What came of it">
          <section class="card"><h2 class="label">Moments</h2>${opened.moments.length === 0 ? html`<p class="muted">Nothing was noticed.</p>` : html`<ul class="reasons">${opened.moments.map(moment => html`<li><button class="reason ${moment.reason.weight < 0 ? 'calms' : ''} ${moment.at > position ? 'later' : ''}" @click=${() => this.seek(moment.at + 0.5, momentOf(moment.reason), moment.reason.role)}>
            <span class="reason-mark" aria-hidden="true">${moment.reason.weight < 0 ? '●' : '▲'}</span><span class="reason-text"><b>${cueWords(moment.reason.cue)}</b>${moment.reason.quote === '' ? '' : html`<q>${moment.reason.quote}</q>`}</span><span class="reason-at"><span>${span(moment.at)}</span></span></button></li>`)}</ul>`}</section>
          ${alert === undefined ? html`<section class="card"><h2 class="label">Alert</h2><p class="muted">None was opened.</p></section>` : html`<section class="card"><h2 class="label">Alert</h2>
            ${outcome?.actedAt === undefined ? nothing : html`<div class="outcome"><span><small>Risk when taken up</small><b>${percent(outcome.riskBefore)}</b></span><span class="arrow" aria-hidden="true">→</span><span><small>${outcome.settledAt === undefined ? 'not settled' : 'when settled'}</small><b>${outcome.settledAt === undefined ? '–' : percent(outcome.riskAfter)}</b></span>${outcome.disposition === '' ? nothing : html`<p>${icon('check')}<strong>${outcome.disposition}</strong></p>`}</div>`}
            <ol class="timeline"><li><span>${span(((ms(alert.openedAt) ?? start) - start) / 1000)}</span><p>Opened <strong>${levelWord(alert.level)}</strong></p></li>
            ${alert.receipts.filter(receipt => receipt.kind === 3).map(receipt => html`<li><span>${span(((ms(receipt.at) ?? start) - start) / 1000)}</span><p>Taken up by <strong>${receipt.subject}</strong></p></li>`)}
            ${alert.notes.map(note => html`<li class="note"><span>${span(((ms(note.at) ?? start) - start) / 1000)}</span><p><strong>${note.author}</strong> ${note.text}</p></li>`)}
            <li><span>${alert.closedAt === undefined ? '' : span((ms(alert.closedAt) - start) / 1000)}</span><p>${stateWord(alert.state)}${alert.closedBy === '' ? '' : html` by <strong>${alert.closedBy}</strong>`}${alert.closedReason === '' ? '' : `: ${alert.closedReason}`}</p></li></ol></section>`}
          ${this.prompts.length + this.messages.length === 0 ? nothing : html`<section class="card"><h2 class="label">Help for the agent</h2><ol class="timeline">
            ${this.prompts.map(prompt => html`<li><span>${span(((ms(prompt.offeredAt) ?? start) - start) / 1000)}</span><p><strong>${prompt.option?.title || prompt.phrase?.title}</strong> <span class="tag">${promptWord(prompt.state)}</span><br><span class="muted">${cueWords(prompt.situation)}${(prompt.option?.citations ?? []).map(citation => `; ${citation.line}`)}</span></p></li>`)}
            ${this.messages.map(message => html`<li class="note"><span>${span(((ms(message.sentAt) ?? start) - start) / 1000)}</span><p><strong>${message.author}</strong> ${message.text}</p></li>`)}</ol></section>`}
        </aside></div></main>`;
  }

  private get length(): number {
    const call = this.call?.call;
    const last = Math.max(seconds(this.call?.finals.at(-1)?.end), seconds(this.call?.scores.at(-1)?.at));
    return Math.max(last, ((ms(call?.endedAt) ?? desk.clock.now()) - (ms(call?.startedAt) ?? 0)) / 1000, 1);
  }

  private get position(): number {
    return Math.min(this.at, this.length);
  }

  private marks(start: number, alert: Alert | undefined): Mark[] {
    const marks: Mark[] = [], add = (at: number | undefined, text: string): void => { if (at !== undefined) marks.push({ at: Math.max(0, (at - start) / 1000), text }); };
    add(ms(alert?.openedAt), 'alert');
    const acted = alert?.receipts.find(receipt => receipt.kind === 3);
    add(ms(acted?.at), acted?.subject ?? '');
    for (const prompt of this.prompts) add(ms(prompt.offeredAt), 'prompt');
    return marks;
  }

  private seek(to: number, wordsAt?: number, role?: number): void {
    this.at = Math.min(this.length, Math.max(0, to));
    if (wordsAt === undefined || this.call === undefined) return;
    const words = utteranceAt(this.call.finals, wordsAt, role);
    if (words !== undefined) void this.updateComplete.then(() => this.querySelector<TranscriptView>('ea-transcript')?.show(words));
  }

  private jump(by: 1 | -1): void {
    const times = (this.call?.moments ?? []).map(moment => moment.at);
    const next = by > 0 ? times.find(at => at > this.position + 0.6) : times.findLast(at => at < this.position - 0.6);
    if (next !== undefined) this.seek(next + 0.5);
  }

  private toggle(): void {
    if (this.playing) {
      this.pause();
      return;
    }
    if (this.position >= this.length) this.at = 0;
    this.playing = true;
    let before = performance.now();
    const step = (now: number): void => {
      this.seek(this.position + (now - before) / 1000 * this.speed);
      before = now;
      if (this.position >= this.length) this.pause();
      else if (this.playing) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  private pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  private async load(pageToken: string): Promise<void> {
    [this.busy, this.problem] = [true, ''];
    try {
      const [calls, alerts] = await Promise.all([
        desk.appliance.calls.list({ pageSize: PAGE, pageToken, liveOnly: false }).response,
        pageToken === '' ? desk.appliance.alerts.list({ pageSize: 1000, pageToken: '', states: [] }).response : undefined,
      ]);
      this.list = pageToken === '' ? calls.calls : [...this.list, ...calls.calls];
      this.next = calls.nextPageToken;
      for (const alert of alerts?.alerts ?? []) this.keep(alert);
    } catch (error) {
      this.problem = explain(error).sentence;
    } finally {
      this.busy = false;
    }
  }

  private async open(callId: string): Promise<void> {
    this.problem = '';
    try {
      const detail = await desk.appliance.calls.get({ callId }).response;
      const alerts = await desk.appliance.alerts.list({ pageSize: 10, pageToken: '', states: [], filter: { callIds: [callId], teams: [], agents: [], minLevel: 0, assignedToMe: false, includeSuppressed: true } }).response;
      if (callId !== this.callId) return;
      for (const alert of alerts.alerts) this.keep(alert);
      const call = new OpenCall(callId);
      call.load(detail);
      this.call = call;
      const help = await desk.appliance.assist.list({ callId, includeWouldBe: false }).response;
      [this.prompts, this.messages] = [help.prompts, help.messages];
      this.requestUpdate();
    } catch (error) {
      const failure = explain(error);
      // An appliance without prompts has calls all the same.
      if (this.call === undefined) this.problem = failure.sentence;
    }
  }

  private keep(alert: Alert): void {
    const known = this.alerts.get(alert.callId);
    if (known === undefined || alert.level > known.level || (alert.alertId === known.alertId && alert.version >= known.version)) this.alerts.set(alert.callId, alert);
  }
}

customElements.define('ea-past', PastView);
