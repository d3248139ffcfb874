import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { CustomerHistory } from '../../gen/edgeassist/v1/calls';
import { InteractionKind, InteractionState, MatchOutcome, type CallHistory, type Interaction } from '../../gen/edgeassist/v1/history';
import { desk } from '../state/desk';
import { historyLines, interactionLine, kindWord, stateOf } from '../state/history';
import { explain } from '../wire/failure';
import { ms } from '../wire/times';
import { icon, View } from './view';

/** What happened to this customer before, as far as it is known; says when it is nothing, old, or not to be had. */
class HistoryView extends View {
  static override properties = { callId: { type: String }, counts: { attribute: false }, brief: { type: Boolean }, found: { state: true }, problem: { state: true } };
  callId = '';
  counts: CustomerHistory | undefined;
  /** Three lines, for the side panel. */
  brief = false;
  private found: CallHistory | undefined;
  private problem = '';

  protected override willUpdate(changed: PropertyValues): void {
    // The counts come with the call; when they change, more is known than before.
    if (changed.has('callId')) [this.found, this.problem] = [undefined, ''];
    if (this.callId !== '' && (changed.has('callId') || changed.has('counts'))) void this.load(this.callId);
  }

  override render(): unknown {
    const title = html`${icon('history')}Customer’s history`;
    return html`<section class="card history">${this.brief ? html`<h2 class="label">${title}</h2>` : html`<h3>${title}</h3>`}${this.body()}</section>`;
  }

  private body(): TemplateResult {
    const found = this.found, customer = found?.customer;
    if (customer === undefined) return html`${this.countLine()}<p class="muted">${this.problem || (found === undefined ? 'Looking it up…' : found.reason || outcomeWord(found.outcome))}</p>`;
    const asOf = ms(customer.asOf);
    const fresh = customer.stale ? html`<p class="stale">Old: the source was last heard ${asOf === undefined ? 'a while ago' : new Date(asOf).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}.</p>` : nothing;
    if (customer.interactions.length === 0) return html`${fresh}<p class="muted">Nothing is known of this customer.</p>`;
    if (this.brief) return html`${fresh}<ul class="history-lines">${historyLines(customer.interactions, desk.clock.now()).map(line => html`<li class=${line.urgent ? 'urgent' : ''}>${line.text}</li>`)}</ul>`;
    return html`${fresh}${customer.name === '' ? nothing : html`<p><strong>${customer.name}</strong></p>`}
      <ol class="interactions">${customer.interactions.slice(0, 12).map(each => this.line(each))}</ol>
      ${customer.interactions.length > 12 ? html`<p class="hint">and ${customer.interactions.length - 12} older</p>` : nothing}`;
  }

  private line(each: Interaction): TemplateResult {
    const urgent = each.broken || each.state === InteractionState.BROKEN || (each.kind === InteractionKind.TICKET && each.state === InteractionState.OPEN);
    return html`<li class=${urgent ? 'urgent' : ''}><time>${new Date(ms(each.at) ?? 0).toLocaleDateString(undefined, { day: 'numeric', month: 'short' })}</time>
      <p><b>${kindWord(each.kind)}</b>${stateOf(each) === '' ? '' : html` <span class="tag">${stateOf(each)}</span>`}<br>${interactionLine(each)}</p></li>`;
  }

  private countLine(): unknown {
    const counts = this.counts;
    if (counts === undefined || counts.openCases + counts.recentContacts + counts.brokenPromises === 0) return nothing;
    return html`<ul class="counts"><li><b>${counts.openCases}</b> open cases</li><li><b>${counts.recentContacts}</b> contacts in 30 days</li><li><b>${counts.brokenPromises}</b> broken promises</li></ul>`;
  }

  private async load(callId: string): Promise<void> {
    try {
      const found = await desk.appliance.history.forCall({ callId }).response;
      if (callId === this.callId) [this.found, this.problem] = [found, ''];
    } catch (error) {
      const failure = explain(error);
      if (callId === this.callId) this.problem = failure.kind === 'absent' ? 'This appliance keeps no history.' : failure.reason === '' ? failure.sentence : 'Nothing is known of this customer.';
    }
  }
}

function outcomeWord(outcome: MatchOutcome): string {
  switch (outcome) {
    case MatchOutcome.MATCHED: return 'Nothing is known of this customer.';
    case MatchOutcome.UNKNOWN: return 'Nobody in the history has this number.';
    case MatchOutcome.AMBIGUOUS: return 'Several customers have this number: none of them is shown.';
    case MatchOutcome.FAILED: return 'The history could not be looked up. The call goes on without it.';
    default: return 'The call brought nothing to recognise the customer by.';
  }
}

customElements.define('ea-history', HistoryView);
