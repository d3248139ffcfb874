import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { Call } from '../../gen/edgeassist/v1/calls';
import { SupervisionMode, type CapabilitiesResponse, type Intervention } from '../../gen/edgeassist/v1/supervision';
import { desk } from '../state/desk';
import { Follows } from '../state/store';
import { isOver, modeWord, stateSentence, whyNot } from '../state/supervision';
import { span } from '../state/words';
import { newRequestId } from '../wire/appliance';
import { explain } from '../wire/failure';
import { ms } from '../wire/times';
import { askText } from './dialogs';
import { bind, unbind } from './keys';
import { icon, key, View, type IconName } from './view';

const EVERY = 2_000;

const MODES: readonly { readonly mode: SupervisionMode; readonly icon: IconName; readonly letter: string; readonly does: string }[] = [
  { mode: SupervisionMode.LISTEN, icon: 'ear', letter: 'l', does: 'Listen: nobody hears you' },
  { mode: SupervisionMode.WHISPER, icon: 'whisper', letter: 'w', does: 'Whisper: only the agent hears you' },
  { mode: SupervisionMode.BARGE, icon: 'barge', letter: 'b', does: 'Barge in: both hear you' },
  { mode: SupervisionMode.TAKE_OVER, icon: 'takeover', letter: 't', does: 'Take over: you in place of the agent' },
];

/**
 * Listen, whisper, barge in, take over: what is possible on this call, and why the rest is not. It asks every two seconds while
 * the call is open: a stream more would be the sixth connection of a browser over HTTP/1.1, and leave none for the buttons.
 */
class SupervisionBar extends View {
  static override properties = { call: { attribute: false }, can: { state: true }, mine: { state: true }, absent: { state: true } };
  call: Call | undefined;
  private can: CapabilitiesResponse | undefined;
  private mine: Intervention | undefined;
  private absent = false;
  private asked = '';
  private timer = 0;
  private busy = false;

  constructor() {
    super();
    new Follows(this, desk.second);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = window.setInterval(() => void this.look(), EVERY);
    bind('supervision', {
      title: 'Be on the call',
      actions: [
        ...MODES.map(({ mode, letter, does }) => ({ keys: [letter], does, run: () => void this.choose(mode), when: () => this.possible(mode) })),
        { keys: ['q'], does: 'Leave the call', run: () => void this.leave(), when: () => this.mine !== undefined },
      ],
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearInterval(this.timer);
    unbind('supervision');
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('call') || this.call === undefined || this.call.callId === this.asked) return;
    [this.asked, this.can, this.mine] = [this.call.callId, undefined, undefined];
    void this.look();
  }

  override render(): unknown {
    const call = this.call, can = this.can;
    if (call === undefined || call.endedAt !== undefined || this.absent || can === undefined) return nothing;
    const mine = this.mine;
    return html`<div class="supervise" role="group" aria-label="Be on the call">
      ${can.supervisedBy !== '' && mine === undefined ? html`<span class="tag">${can.supervisedBy} is on the call</span>` : nothing}
      ${MODES.map(({ mode, icon: picture, letter, does }) => this.button(mode, picture, letter, does))}
      ${mine === undefined ? nothing : html`<span class="on-call" role="status">${stateSentence(mine)}${mine.answeredAt === undefined ? '' : ` ${span(desk.since(ms(mine.answeredAt)))}`}</span>
        <button class="button" data-action="leave" @click=${() => void this.leave()}>Leave${key('Q')}</button>`}
      ${this.note(can)}</div>`;
  }

  private button(mode: SupervisionMode, picture: IconName, letter: string, does: string): TemplateResult {
    const on = this.mine?.mode === mode, allowed = this.possible(mode), why = whyNot(this.can, mode);
    return html`<button class="button ${on ? 'on' : ''}" data-mode=${SupervisionMode[mode]} aria-pressed=${on} aria-disabled=${!allowed} title=${allowed ? does : why} @click=${() => allowed ? void this.choose(mode) : desk.say(why || does)}>
      ${icon(picture)}${modeWord(mode)}${key(letter.toUpperCase())}</button>`;
  }

  // What stands in the way of everything is said once, in words, not only on hovering.
  private note(can: CapabilitiesResponse): unknown {
    const refused = can.modes.filter(mode => !mode.possible);
    if (refused.length === 0) return nothing;
    const sentences = [...new Set(refused.map(mode => mode.sentence))];
    return html`<p class="hint supervise-note">${sentences.join(' ')}</p>`;
  }

  private possible(mode: SupervisionMode): boolean {
    const capability = this.can?.modes.find(each => each.mode === mode);
    if (capability?.possible !== true || this.busy) return false;
    if (mode === SupervisionMode.TAKE_OVER) return this.mine?.answeredAt !== undefined && this.mine.mode !== mode;
    return this.mine === undefined ? this.can?.supervisedBy === '' : this.mine.mode !== mode && this.mine.mode !== SupervisionMode.TAKE_OVER;
  }

  private async choose(mode: SupervisionMode): Promise<void> {
    const call = this.call, mine = this.mine, can = this.can;
    if (call === undefined || can === undefined || !this.possible(mode)) return;
    let phone = '';
    if (mine === undefined && can.phone === '' && can.anyPhone) {
      const said = await askText('Which phone shall be called?', { label: 'A SIP address, for example sip:sue@desk.example', submit: 'Call it', required: true, rows: 1, max: 200 });
      if (said === undefined) return;
      phone = said;
    }
    await this.send(async () => mode === SupervisionMode.TAKE_OVER && mine !== undefined
      ? desk.appliance.supervision.takeOver({ requestId: newRequestId(), interventionId: mine.interventionId, reason: '' }).response
      : mine === undefined ? desk.appliance.supervision.join({ requestId: newRequestId(), callId: call.callId, mode, phone, reason: '' }).response
      : desk.appliance.supervision.changeMode({ requestId: newRequestId(), interventionId: mine.interventionId, mode, reason: '' }).response);
  }

  private async leave(): Promise<void> {
    const mine = this.mine;
    if (mine !== undefined) await this.send(async () => desk.appliance.supervision.leave({ requestId: newRequestId(), interventionId: mine.interventionId, reason: '' }).response);
  }

  private async send(request: () => Promise<Intervention>): Promise<void> {
    this.busy = true;
    await desk.attempt(async () => this.take(await request()));
    this.busy = false;
    await this.look();
  }

  private take(intervention: Intervention): void {
    if (intervention.supervisor !== desk.session.principal?.subject) return;
    if (this.mine !== undefined && this.mine.interventionId === intervention.interventionId && intervention.version < this.mine.version) return;
    if (isOver(intervention)) {
      if (this.mine?.interventionId === intervention.interventionId) desk.say(stateSentence(intervention), intervention.endCause === 'left' || intervention.endCause === 'call_ended' || intervention.endCause === 'phone_hung_up' ? 'info' : 'bad');
      this.mine = undefined;
    } else this.mine = intervention;
  }

  private async look(): Promise<void> {
    const call = this.call;
    if (call === undefined || call.endedAt !== undefined || document.hidden || this.absent) return;
    try {
      const [can, list] = [await desk.appliance.supervision.capabilities({ callId: call.callId }).response, await desk.appliance.supervision.list({ callId: call.callId }).response];
      if (this.call?.callId !== call.callId) return;
      this.can = can;
      const own = list.interventions.filter(each => each.supervisor === desk.session.principal?.subject).at(-1);
      if (own !== undefined) this.take(own);
    } catch (error) {
      // Without the service there are no buttons; anything else is tried again with the next look.
      if (explain(error).kind === 'absent') this.absent = true;
    }
  }
}

customElements.define('ea-supervision', SupervisionBar);
