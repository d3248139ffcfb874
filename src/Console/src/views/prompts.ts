import { html, nothing, type PropertyValues } from 'lit';
import type { Help } from '../state/assist';
import { promptWord } from '../state/assist';
import { cueWords, timeOfDay } from '../state/words';
import { ms } from '../wire/times';
import { View } from './view';

/** What the agent was offered and what was written to them, for those who look at the call. */
class Prompts extends View {
  static override properties = { callId: { type: String }, help: { attribute: false } };
  callId = '';
  help: Help | undefined;
  private stop: (() => void) | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('help')) return;
    this.stop?.();
    this.stop = this.help?.subscribe(() => this.requestUpdate());
  }

  override render(): unknown {
    const prompts = this.help?.promptsOf(this.callId) ?? [], messages = this.help?.messagesOf(this.callId) ?? [];
    if (prompts.length + messages.length === 0) return nothing;
    return html`<section class="card"><h3>Help for the agent</h3><ol class="timeline">
      ${prompts.map(prompt => html`<li><span>${timeOfDay(ms(prompt.offeredAt) ?? 0).slice(0, 5)}</span><p><strong>${prompt.option?.title || prompt.phrase?.title}</strong> <span class="tag">${promptWord(prompt.state)}</span><br><span class="muted">${cueWords(prompt.situation)}${(prompt.option?.citations ?? []).map(citation => `; ${citation.line}`)}</span></p></li>`)}
      ${messages.map(message => html`<li class="note"><span>${timeOfDay(ms(message.sentAt) ?? 0).slice(0, 5)}</span><p><strong>${message.author}</strong> ${message.text} <span class="tag">${message.readAt !== undefined ? 'read' : message.deliveredAt !== undefined ? 'on screen' : 'sent'}</span></p></li>`)}
    </ol></section>`;
  }
}

customElements.define('ea-prompts', Prompts);
