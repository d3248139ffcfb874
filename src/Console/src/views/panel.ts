import { html, nothing, type TemplateResult } from 'lit';
import { PromptState, type AgentMessage, type Prompt, type PromptPart } from '../../gen/edgeassist/v1/assist';
import { Level } from '../../gen/edgeassist/v1/common';
import { isOpen } from '../state/assist';
import { desk } from '../state/desk';
import { Follows } from '../state/store';
import { cueWords, levelWord, span, timeOfDay } from '../state/words';
import { newRequestId } from '../wire/appliance';
import { ms } from '../wire/times';
import { askText } from './dialogs';
import { bind, unbind } from './keys';
import { glyph, icon, key, View } from './view';

const SNOOZE = 60;

/** The agent's side panel: one prompt and why, what happened to this customer before, and what a supervisor writes. Nothing else asks for attention. */
class Panel extends View {
  private marked = new Set<string>();
  private busy = false;
  private stop: (() => void) | undefined;
  private openId = '';

  constructor() {
    super();
    new Follows(this, desk, desk.calls, desk.help, desk.second, desk.settings);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    bind('panel', {
      title: 'My call',
      actions: [
        { keys: ['a', 'Enter'], does: 'Use the prompt', run: () => void this.accept(), when: () => this.prompt !== undefined },
        { keys: ['d'], does: 'Not now: dismiss it', run: () => void this.dismiss(''), when: () => this.prompt !== undefined },
        { keys: ['D'], does: 'Dismiss it and say why', run: () => void this.dismissWhy(), when: () => this.prompt !== undefined },
        { keys: ['s'], does: `Later: ask again in ${SNOOZE} s`, run: () => void this.snooze(), when: () => this.prompt !== undefined },
        { keys: ['r'], does: 'I have read the message', run: () => void this.read(), when: () => this.unread !== undefined },
        { keys: ['t'], does: 'Show or hide the transcript', run: () => desk.settings.change({ transcript: !desk.settings.now.transcript }) },
      ],
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    unbind('panel');
    this.stop?.();
    this.stop = undefined;
    this.openId = '';
    desk.close();
  }

  protected override willUpdate(): void {
    const call = this.call;
    const id = call === undefined || call.endedAt !== undefined ? '' : call.call.callId;
    if (id === this.openId) return;
    this.openId = id;
    this.stop?.();
    this.stop = undefined;
    if (id === '') desk.close();
    else this.stop = desk.open(id).subscribe(() => this.requestUpdate());
  }

  override render(): unknown {
    const call = this.call;
    if (call === undefined) return html`<main class="panel"><div class="empty"><img src="/icon.svg" alt="" width="56" height="56"><h1>No call</h1>
      <p>${desk.connection.kind === 'live' ? 'Your next call shows up here by itself.' : 'Connecting…'}</p></div></main>`;
    const ended = call.endedAt, length = ((ended ?? desk.clock.now()) - (ms(call.call.startedAt) ?? 0)) / 1000, level = call.scores.at(-1)?.level ?? Level.UNSPECIFIED;
    const prompt = this.prompt, messages = desk.help.messagesOf(call.call.callId), opened = desk.opened?.call;
    return html`<main class="panel">
      <header class="panel-head">${glyph(level)}<div><h1>${ended === undefined ? 'Your call' : 'Call ended'}</h1><p class="muted">${levelWord(level)}${call.call.customer === '' ? '' : ` · ${call.call.customer}`} · ${span(length)}</p></div></header>
      ${this.messages(messages)}
      <div aria-live="polite">${prompt === undefined ? this.noPrompt(call.call.callId, ended !== undefined) : this.card(prompt)}</div>
      <ea-history brief .callId=${call.call.callId} .counts=${call.call.history}></ea-history>
      <button class="button wide plain" aria-expanded=${desk.settings.now.transcript} @click=${() => desk.settings.change({ transcript: !desk.settings.now.transcript })}>${desk.settings.now.transcript ? 'Hide' : 'Show'} the transcript${key('T')}</button>
      ${desk.settings.now.transcript && opened !== undefined ? html`<ea-transcript class="card flush" .finals=${opened.finals} .partials=${opened.partials} .scores=${[]} .moments=${opened.moments} .live=${ended === undefined}></ea-transcript>` : nothing}
    </main>`;
  }

  protected override updated(): void {
    const prompt = this.prompt;
    if (prompt === undefined || document.hidden || prompt.state !== PromptState.OFFERED || this.marked.has(prompt.promptId)) return;
    this.marked.add(prompt.promptId);
    void desk.attempt(async () => desk.help.putPrompt(await desk.appliance.assist.markShown({ promptId: prompt.promptId, requestId: newRequestId(), expectedVersion: 0, reason: '' }).response));
  }

  private card(prompt: Prompt): TemplateResult {
    return html`<article class="card prompt" data-prompt=${prompt.promptId}>
      <p class="prompt-why">${icon('ear')}<strong>${cueWords(prompt.situation)}</strong></p>
      ${prompt.phrase === undefined ? nothing : this.promptPart(prompt.phrase, 'Say')}
      ${prompt.option === undefined ? nothing : this.promptPart(prompt.option, 'Offer')}
      <div class="prompt-buttons">
        <button class="button primary" data-action="accept" ?disabled=${this.busy} @click=${() => void this.accept()}>${icon('check')}Use it${key('A')}</button>
        <button class="button" data-action="snooze" ?disabled=${this.busy} @click=${() => void this.snooze()}>Later${key('S')}</button>
        <button class="button" data-action="dismiss" ?disabled=${this.busy} @click=${() => void this.dismiss('')}>Not now${key('D')}</button>
      </div>
      <div class="chips" role="group" aria-label="Not now, because">${['Said already', 'Does not fit', 'Wrong moment'].map(reason => html`<button class="chip" @click=${() => void this.dismiss(reason)}>${reason}</button>`)}</div>
      <details><summary>Why this one?</summary><p class="hint">Whatever you choose is never held against anybody. ${prompt.why}</p>${[prompt.phrase, prompt.option].map(part => part === undefined || part.sources.length === 0 ? nothing : html`<p class="hint">${part.title}: after ${part.sources.join('; ')}. Answers for it: ${part.owner}.</p>`)}</details>
    </article>`;
  }

  private promptPart(part: PromptPart, verb: string): TemplateResult {
    return html`<section class="prompt-part ${verb.toLowerCase()}"><h2>${verb}<span class="hidden">: ${part.title}</span></h2><blockquote>${part.text}</blockquote>
      ${part.citations.length === 0 ? nothing : html`<ul class="citations" aria-label="It rests on">${part.citations.map(citation => html`<li>${icon('history')}<span>${citation.line}</span></li>`)}</ul>`}</section>`;
  }

  private noPrompt(callId: string, ended: boolean): TemplateResult {
    const last = desk.help.promptsOf(callId).at(-1);
    const said = last === undefined || isOpen(last) ? '' : last.state === PromptState.ACCEPTED ? 'Used.' : last.state === PromptState.SNOOZED ? 'Asked again in a while.' : '';
    return html`<div class="card calm-card"><p>${said !== '' ? html`<strong>${said}</strong> ` : ''}${ended ? 'This call is over.' : 'Nothing to do. A prompt comes only when it can help.'}</p></div>`;
  }

  private messages(messages: readonly AgentMessage[]): unknown {
    const shown = messages.slice(-3);
    if (shown.length === 0) return nothing;
    return html`<section class="messages" role="log" aria-label="Messages of supervisors">${shown.map(message => html`<article class="message ${message.readAt === undefined ? 'unread' : ''}" data-message=${message.messageId}>
      <p><strong>${message.author}</strong> <time>${timeOfDay(ms(message.sentAt) ?? 0).slice(0, 5)}</time></p><p>${message.text}</p>
      ${message.readAt === undefined ? html`<button class="button small" @click=${() => void this.read()}>Read${key('R')}</button>` : nothing}</article>`)}</section>`;
  }

  private get call(): ReturnType<typeof desk.calls.calls.get> {
    const calls = [...desk.calls.calls.values()].sort((a, b) => (ms(b.call.startedAt) ?? 0) - (ms(a.call.startedAt) ?? 0));
    return calls.find(call => call.endedAt === undefined) ?? calls[0];
  }

  private get prompt(): Prompt | undefined {
    const call = this.call;
    return call === undefined ? undefined : desk.help.openOf(call.call.callId);
  }

  private get unread(): AgentMessage | undefined {
    const call = this.call;
    return call === undefined ? undefined : desk.help.messagesOf(call.call.callId).find(message => message.readAt === undefined);
  }

  private async answer(send: (request: { promptId: string; requestId: string; expectedVersion: number; reason: string }) => Promise<Prompt>, reason: string): Promise<void> {
    const prompt = this.prompt;
    if (prompt === undefined || this.busy) return;
    this.busy = true;
    this.requestUpdate();
    await desk.attempt(async () => desk.help.putPrompt(await send({ promptId: prompt.promptId, requestId: newRequestId(), expectedVersion: 0, reason })));
    this.busy = false;
    this.requestUpdate();
  }

  private accept(): Promise<void> {
    return this.answer(async request => desk.appliance.assist.accept(request).response, '');
  }

  private dismiss(reason: string): Promise<void> {
    return this.answer(async request => desk.appliance.assist.dismiss(request).response, reason);
  }

  private async dismissWhy(): Promise<void> {
    const reason = await askText('Not now', { label: 'Why? (optional)', submit: 'Dismiss', max: 200, hint: 'It helps the library and is never held against anybody.', suggestions: ['Said it already', 'Does not fit', 'Wrong moment'] });
    if (reason !== undefined) await this.dismiss(reason);
  }

  private snooze(): Promise<void> {
    return this.answer(async request => desk.appliance.assist.snooze({ ...request, for: { seconds: SNOOZE, nanos: 0 } }).response, '');
  }

  private async read(): Promise<void> {
    const message = this.unread;
    if (message !== undefined) await desk.attempt(async () => desk.help.putMessage(await desk.appliance.assist.markRead({ messageId: message.messageId }).response));
  }
}

customElements.define('ea-panel', Panel);
