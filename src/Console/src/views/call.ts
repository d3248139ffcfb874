import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { AlertState, type Alert } from '../../gen/edgeassist/v1/alerts';
import type { Call } from '../../gen/edgeassist/v1/calls';
import { Level, Rung, type Reason } from '../../gen/edgeassist/v1/common';
import { stands, waitsSince } from '../state/alerts';
import { utteranceAt, type Moment } from '../state/curve';
import { desk } from '../state/desk';
import { Follows } from '../state/store';
import { cueWords, initials, levelWord, momentOf, percent, roleWord, sourceWord, span, stateWord, timeOfDay, trendWords, weightWords } from '../state/words';
import { ms, seconds } from '../wire/times';
import { askOutcome, askText } from './dialogs';
import type { Mark } from './curve';
import { bind, unbind } from './keys';
import { go } from './route';
import type { TranscriptView } from './transcript';
import { glyph, icon, key, View } from './view';

const RENEW_BEFORE = 30;

/** The opened call: how it goes, what was said, why it was noticed, and what can be done. */
class CallPane extends View {
  static override properties = { callId: { type: String } };
  callId = '';
  private renewing = false;
  private stop: (() => void) | undefined;

  constructor() {
    super();
    new Follows(this, desk, desk.alerts, desk.second, desk.settings);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const can = (): boolean => this.alert !== undefined && stands(this.alert);
    bind('call', {
      title: 'Open call',
      actions: [
        { keys: ['c'], does: 'Claim it', run: () => void this.claim(), when: can },
        { keys: ['x'], does: 'Give it back', run: () => void this.release(), when: () => can() && this.isOwn },
        { keys: ['a'], does: 'Acknowledge', run: () => void this.acknowledge(), when: can },
        { keys: ['n'], does: 'Add a note', run: () => void this.note(), when: () => this.alert !== undefined },
        { keys: ['m'], does: 'Write to the agent', run: () => void this.message() },
        { keys: ['e'], does: 'Pass on to the next tier', run: () => void this.escalate(), when: can },
        { keys: ['f'], does: 'Record the outcome', run: () => void this.outcome(), when: () => this.alert !== undefined },
        { keys: ['r'], does: 'Resolve: it was right, and helped', run: () => void this.resolve(), when: can },
        { keys: ['d'], does: 'Dismiss: it was not right', run: () => void this.dismiss(), when: can },
      ],
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    unbind('call');
    this.stop?.();
    desk.close();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('callId')) return;
    this.stop?.();
    const call = desk.open(this.callId), help = desk.opened!.help;
    const ends = [call.subscribe(() => this.requestUpdate()), help.subscribe(() => this.requestUpdate())];
    this.stop = () => ends.forEach(end => end());
    this.renewing = false;
  }

  override render(): unknown {
    const opened = desk.opened?.call;
    if (opened === undefined || opened.callId !== this.callId) return nothing;
    if (opened.revoked) return this.gone('Not yours any more', 'The call has moved to a team you do not see. Nothing more is shown of it.');
    if (opened.call === undefined) return opened.missing !== '' ? this.gone('This call is over', opened.missing, true)
      : html`<section class="call-pane" aria-label="Open call"><div class="empty"><h2>Opening…</h2></div></section>`;
    const call = opened.call, alert = this.alert, found = opened.moments;
    const length = ((ms(call.endedAt) ?? desk.clock.now()) - (ms(call.startedAt) ?? 0)) / 1000;
    return html`<section class="call-pane" aria-label="Open call">
      ${this.callHead(call, length)}
      ${this.actions(call, alert)}
      <div class="call-grid">
        <div class="call-main">
          <div class="card flush"><ea-curve .scores=${opened.scores} .moments=${found} .gaps=${opened.gaps} .marks=${this.marks(call, alert)} .length=${length} .theme=${desk.settings.now.theme}
            @moment=${(event: CustomEvent<number>) => this.showWords(event.detail)}></ea-curve></div>
          <ea-transcript class="card flush" .finals=${opened.finals} .partials=${opened.partials} .scores=${opened.scores} .moments=${found} .gaps=${opened.gaps} .live=${call.endedAt === undefined}></ea-transcript>
        </div>
        <aside class="rail" aria-label="About the call">
          ${this.reasons(found)}
          <ea-history .callId=${this.callId} .counts=${call.history}></ea-history>
          <ea-prompts .callId=${this.callId} .help=${desk.opened!.help}></ea-prompts>
          ${alert === undefined ? nothing : this.record(alert, call)}
        </aside>
      </div>
    </section>`;
  }

  protected override updated(): void {
    const alert = this.alert;
    if (alert === undefined || alert.state !== AlertState.CLAIMED || !this.isOwn || document.hidden || this.renewing) return;
    // Who has the call open and in sight has it in hand: the lease is renewed for them.
    if (((ms(alert.leaseUntil) ?? Infinity) - desk.clock.now()) / 1000 > RENEW_BEFORE) return;
    this.renewing = true;
    void desk.act('renew', alert).finally(() => { this.renewing = false; });
  }

  private callHead(call: Call, length: number): TemplateResult {
    const score = desk.opened!.call.scores.at(-1) ?? call.score, level = score?.level ?? Level.UNSPECIFIED, ended = ms(call.endedAt);
    return html`<header class="call-head">
      ${glyph(level, 'huge')}
      <div class="call-who">
        <h2>${call.agent || 'Unknown agent'} ${call.team === '' ? nothing : html`<span class="tag">${call.team}</span>`}</h2>
        <p class="muted">${call.customer === '' ? 'Customer not shown' : html`with <strong>${call.customer}</strong>`} · ${ended === undefined ? html`<span class="live-dot">live</span> ${span(length)}` : html`ended ${timeOfDay(ended)} after ${span(length)}`} · ${sourceWord(call.source)}${call.rung > Rung.FULL ? html` · <strong>${rungWord(call.rung)}</strong>` : nothing}</p>
      </div>
      <div class="call-risk ${score === undefined ? '' : `at-${level}`}"><b>${score === undefined ? '–' : percent(score.risk)}</b><span><strong>${levelWord(level)}</strong><small>${score === undefined ? 'no score yet' : trendWords(score.trend)}</small></span></div>
      <button class="icon-button" aria-label="Close the call" title="Close (Esc)" @click=${() => go('wall')}>${icon('close')}</button>
    </header>`;
  }

  private actions(call: Call, alert: Alert | undefined): TemplateResult {
    if (alert === undefined) return html`<div class="action-bar"><p class="muted">No alert stands for this call: there is nothing to claim. You can read along${call.agent === '' || call.endedAt !== undefined ? '' : ', and write to the agent'}.</p>
      <ea-supervision .call=${call}></ea-supervision>
      ${call.agent === '' || call.endedAt !== undefined ? nothing : html`<button class="button" @click=${() => void this.message()}>${icon('send')}Message${key('M')}</button>`}</div>`;
    const open = stands(alert), own = this.isOwn, since = waitsSince(alert), lease = ms(alert.leaseUntil);
    return html`<div class="action-bar" role="toolbar" aria-label="Actions">
      ${!open ? html`<span class="held">${icon('check')}<strong>${stateWord(alert.state)}</strong>${alert.closedBy === '' ? '' : html` by ${alert.closedBy}`}${alert.closedReason === '' ? '' : html`: ${alert.closedReason}`}</span>`
        : alert.holder === '' ? html`<button class="button primary" data-action="claim" @click=${() => void this.claim()}>${icon('hand')}Claim${key('C')}</button>${since === undefined ? nothing : html`<span class="held urgent">waits ${span(desk.since(since))}</span>`}`
        : html`<span class="held ${own ? 'own' : ''}"><i class="initials">${initials(alert.holder)}</i><strong>${own ? 'You hold it' : `${alert.holder} holds it`}</strong>${lease === undefined ? '' : html`<small>${span(Math.max(0, (lease - desk.clock.now()) / 1000))} left</small>`}</span>
          ${own ? html`<button class="button" data-action="release" @click=${() => void this.release()}>Give back${key('X')}</button>` : nothing}`}
      ${open && alert.state !== AlertState.ACKNOWLEDGED ? html`<button class="button" data-action="acknowledge" @click=${() => void this.acknowledge()}>Acknowledge${key('A')}</button>` : nothing}
      <ea-supervision .call=${call}></ea-supervision>
      ${call.endedAt === undefined && call.agent !== '' ? html`<button class="button" data-action="message" @click=${() => void this.message()}>${icon('send')}Message${key('M')}</button>` : nothing}
      <span class="grow"></span>
      <button class="button" data-action="note" @click=${() => void this.note()}>${icon('note')}Note${key('N')}</button>
      <button class="button" data-action="outcome" @click=${() => void this.outcome()}>Outcome${key('F')}</button>
      ${open ? html`<button class="button good" data-action="resolve" @click=${() => void this.resolve()}>${icon('check')}Resolve${key('R')}</button>
        <button class="button" data-action="dismiss" @click=${() => void this.dismiss()}>Dismiss${key('D')}</button>` : nothing}
    </div>`;
  }

  private reasons(found: readonly Moment[]): TemplateResult {
    const score = desk.opened!.call.scores.at(-1);
    const now = score?.reasons ?? [];
    const earlier = found.filter(moment => !now.some(reason => reason.cue === moment.reason.cue && Math.abs(momentOf(reason) - moment.at) < 0.2)).reverse();
    return html`<section class="card"><h3>Why ${score === undefined ? '' : html`<small>strongest first</small>`}</h3>
      ${now.length === 0 ? html`<p class="muted">Nothing speaks for escalation now.</p>` : html`<ul class="reasons">${now.map((reason, index) => this.reason(reason, now[index - 1]?.quote === reason.quote))}</ul>`}
      ${earlier.length === 0 ? nothing : html`<details><summary>${earlier.length} earlier</summary><ul class="reasons">${earlier.map(moment => this.reason(moment.reason))}</ul></details>`}
    </section>`;
  }

  private reason(reason: Reason, sameWords = false): TemplateResult {
    const calms = reason.weight < 0;
    return html`<li><button class="reason ${calms ? 'calms' : ''}" data-cue=${reason.cue} @click=${() => this.showWords(momentOf(reason), reason)}>
      <span class="reason-mark" aria-hidden="true">${calms ? '●' : '▲'}</span>
      <span class="reason-text"><b>${cueWords(reason.cue)}</b>${reason.quote === '' ? '' : sameWords ? html`<span class="muted">same words</span>` : html`<q title=${reason.quote}>${reason.quote}</q>`}</span>
      <span class="reason-at"><span>${span(momentOf(reason))}</span><small>${weightWords(reason.weight)}</small></span><span class="hidden">${roleWord(reason.role)}. Go to the words.</span></button></li>`;
  }

  private record(alert: Alert, call: Call): TemplateResult {
    const outcome = alert.outcome, start = ms(call.startedAt) ?? 0;
    const at = (moment: number | undefined): string => moment === undefined ? '' : span((moment - start) / 1000);
    return html`<section class="card"><h3>Record</h3>
      ${outcome === undefined || (outcome.disposition === '' && outcome.actedAt === undefined) ? nothing : html`<div class="outcome">
        <span><small>Risk when taken up</small><b>${outcome.actedAt === undefined ? '–' : percent(outcome.riskBefore)}</b></span><span class="arrow" aria-hidden="true">→</span>
        <span><small>${outcome.settledAt === undefined ? 'not settled yet' : 'when settled'}</small><b>${outcome.settledAt === undefined ? '…' : percent(outcome.riskAfter)}</b></span>
        ${outcome.disposition === '' ? nothing : html`<p data-outcome>${icon('check')}<strong>${outcome.disposition}</strong></p>`}</div>`}
      <ol class="timeline">
        <li><span>${at(ms(alert.openedAt))}</span><p>Alert opened <strong>${levelWord(alert.level)}</strong>${alert.tier > 0 ? html`, passed on to tier ${alert.tier + 1}` : ''}</p></li>
        ${alert.receipts.filter(receipt => receipt.kind !== 1).map(receipt => html`<li><span>${at(ms(receipt.at))}</span><p>${receipt.kind === 2 ? 'Seen by' : 'Taken up by'} <strong>${receipt.subject}</strong></p></li>`)}
        ${alert.calmSince === undefined ? nothing : html`<li><span>${at(ms(alert.calmSince))}</span><p>Calm since then</p></li>`}
        ${alert.notes.map(note => html`<li class="note"><span>${at(ms(note.at))}</span><p><strong>${note.author}</strong> ${note.text}</p></li>`)}
        ${alert.closedAt === undefined ? nothing : html`<li><span>${at(ms(alert.closedAt))}</span><p>${stateWord(alert.state)} by <strong>${alert.closedBy}</strong>${alert.closedReason === '' ? '' : `: ${alert.closedReason}`}</p></li>`}
        ${alert.callEndedAt === undefined ? nothing : html`<li><span>${at(ms(alert.callEndedAt))}</span><p>The call ended</p></li>`}
      </ol></section>`;
  }

  private marks(call: Call, alert: Alert | undefined): Mark[] {
    const start = ms(call.startedAt) ?? 0, marks: Mark[] = [];
    const add = (at: number | undefined, text: string): void => { if (at !== undefined) marks.push({ at: Math.max(0, (at - start) / 1000), text }); };
    add(ms(alert?.openedAt), 'alert');
    const acted = alert?.receipts.find(receipt => receipt.kind === 3);
    add(ms(acted?.at), acted?.subject ?? '');
    for (const prompt of desk.opened?.help.promptsOf(call.callId) ?? []) add(ms(prompt.offeredAt), 'prompt');
    return marks;
  }

  private gone(title: string, sentence: string, past = false): TemplateResult {
    return html`<section class="call-pane" aria-label="Open call"><div class="empty"><h2>${title}</h2><p>${sentence}</p>
      <div class="buttons">${past ? html`<a class="button primary" href="#/past/${this.callId}">Open it in past calls</a>` : nothing}<button class="button" @click=${() => go('wall')}>Close</button></div></div></section>`;
  }

  private showWords(at: number, reason?: Reason): void {
    const opened = desk.opened!.call;
    const quoted = reason === undefined || reason.quote === '' ? undefined
      : opened.finals.filter(words => words.text.toLowerCase().includes(reason.quote.toLowerCase())).sort((a, b) => Math.abs(seconds(a.start) - at) - Math.abs(seconds(b.start) - at))[0];
    const words = quoted ?? utteranceAt(opened.finals, at, reason?.role);
    if (words !== undefined) this.querySelector<TranscriptView>('ea-transcript')?.show(words);
  }

  private get alert(): Alert | undefined {
    return desk.alerts.ofCall(this.callId);
  }

  private get isOwn(): boolean {
    return this.alert?.holder === desk.session.principal?.subject;
  }

  private async claim(): Promise<void> {
    const alert = this.alert;
    if (alert !== undefined && !this.isOwn && await desk.act('claim', alert)) desk.say('You hold this call. It stays yours while it is open here.', 'good');
  }

  private async release(): Promise<void> {
    if (this.alert !== undefined) await desk.act('release', this.alert);
  }

  private async acknowledge(): Promise<void> {
    if (this.alert !== undefined && await desk.act('acknowledge', this.alert)) desk.say('Acknowledged: nobody else is asked.', 'good');
  }

  private async resolve(): Promise<void> {
    const alert = this.alert;
    if (alert === undefined) return;
    const reason = await askText('Resolve the alert', { label: 'What helped? (optional)', submit: 'Resolve', suggestions: ['Customer calmed down', 'Supervisor helped', 'Promised a call back', 'Offer accepted'] });
    if (reason !== undefined && await desk.act('resolve', alert, reason)) desk.say('Resolved.', 'good');
  }

  private async dismiss(): Promise<void> {
    const alert = this.alert;
    if (alert === undefined) return;
    const reason = await askText('Dismiss the alert', { label: 'Why was it not right?', submit: 'Dismiss', required: true, hint: 'Thresholds are tuned by it.', suggestions: ['Not about the service', 'Joking', 'Misheard words', 'Already under control'] });
    if (reason !== undefined && await desk.act('dismiss', alert, reason)) desk.say('Dismissed. Your reason goes into tuning.', 'good');
  }

  private async escalate(): Promise<void> {
    const alert = this.alert;
    if (alert === undefined) return;
    const reason = await askText('Pass on to the next tier', { label: 'What should they know first?', submit: 'Pass on', required: true });
    if (reason !== undefined && await desk.act('escalate', alert, reason)) desk.say('Passed on.', 'good');
  }

  private async note(): Promise<void> {
    const alert = this.alert;
    if (alert === undefined) return;
    const text = await askText('Add a note', { label: 'Note', submit: 'Add', required: true, max: 4000, rows: 4 });
    if (text !== undefined) await desk.annotate(alert, text, '');
  }

  private async outcome(): Promise<void> {
    const alert = this.alert;
    if (alert === undefined) return;
    const said = await askOutcome(alert.outcome?.disposition ?? '');
    if (said !== undefined && await desk.annotate(alert, said.note, said.disposition)) desk.say('Outcome recorded.', 'good');
  }

  private async message(): Promise<void> {
    const opened = desk.opened?.call.call;
    if (opened === undefined || opened.agent === '') return;
    const text = await askText(`Write to ${opened.agent}`, { label: 'Message', submit: 'Send', required: true, max: 500, hint: 'It appears in the side panel; the customer sees and hears nothing of it.',
      suggestions: ['I am listening in, you are doing fine.', 'Offer a call back with a name and a time.', 'Shall I take over?', 'You may give the credit.'] });
    if (text === undefined) return;
    await desk.sendMessage(this.callId, text);
  }
}

function rungWord(rung: Rung): string {
  return rung === Rung.NO_PARTIALS ? 'busy: whole sentences only' : rung === Rung.CUSTOMER_FINALS_ONLY ? 'busy: the customer’s words only' : rung === Rung.VOICE_ONLY ? 'busy: no words, voice only' : '';
}

customElements.define('ea-call', CallPane);
