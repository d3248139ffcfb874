import { InteractionKind, InteractionState, type Interaction } from '../../gen/edgeassist/v1/history';
import { ms } from '../wire/times';

const DAY = 86_400_000;

export function kindWord(kind: InteractionKind): string {
  switch (kind) {
    case InteractionKind.CONTACT: return 'Contact';
    case InteractionKind.TICKET: return 'Ticket';
    case InteractionKind.PROMISE: return 'Promise';
    case InteractionKind.CREDIT: return 'Credit';
    case InteractionKind.ORDER: return 'Order';
    case InteractionKind.SATISFACTION: return 'Satisfaction';
    default: return 'Entry';
  }
}

/** In a word how it stands; empty when there is nothing to say. */
export function stateOf(each: Interaction): string {
  if (each.broken || each.state === InteractionState.BROKEN) return 'broken';
  return each.state === InteractionState.OPEN ? 'open' : each.state === InteractionState.CLOSED ? 'closed' : each.state === InteractionState.KEPT ? 'kept' : '';
}

/** One record in a line: what it was, by what way, how much. */
export function interactionLine(each: Interaction): string {
  const parts = [each.summary || each.matter, each.channel === '' ? '' : `by ${each.channel}`, each.amount === '' ? '' : `${each.amount} ${each.currency}`.trim(),
    each.rating === undefined ? '' : `rated ${Math.round(each.rating * 10)} of 10`];
  return parts.filter(part => part !== '').join(', ') || each.sourceId;
}

export interface HistoryLine {
  readonly text: string;
  readonly urgent: boolean;
}

/** Everything that matters before the next sentence, in three lines: what was promised and not kept, what is open, how often they called. */
export function historyLines(interactions: readonly Interaction[], now: number): HistoryLine[] {
  const lines: HistoryLine[] = [];
  const broken = interactions.filter(each => each.broken || each.state === InteractionState.BROKEN);
  const open = interactions.filter(each => each.kind === InteractionKind.TICKET && each.state === InteractionState.OPEN);
  const contacts = interactions.filter(each => each.kind === InteractionKind.CONTACT && now - (ms(each.at) ?? 0) < 30 * DAY);
  if (broken.length > 0) lines.push({ text: `${broken.length === 1 ? 'A promise was' : `${broken.length} promises were`} not kept: ${interactionLine(broken[0]!)} (${ago(broken[0]!, now)})`, urgent: true });
  if (open.length > 0) lines.push({ text: `${open.length === 1 ? 'Open ticket' : `${open.length} open tickets`}: ${interactionLine(open[0]!)} (${ago(open[0]!, now)})`, urgent: true });
  if (contacts.length > 0) lines.push({ text: `${contacts.length} contact${contacts.length === 1 ? '' : 's'} in 30 days, last ${ago(contacts[0]!, now)}: ${interactionLine(contacts[0]!)}`, urgent: false });
  const used = new Set<Interaction>([...broken, ...open, ...contacts]);
  for (const each of interactions) {
    if (lines.length >= 3) break;
    if (!used.has(each)) lines.push({ text: `${kindWord(each.kind)}: ${interactionLine(each)} (${ago(each, now)})`, urgent: false });
  }
  return lines.slice(0, 3);
}

function ago(each: Interaction, now: number): string {
  const days = Math.floor((now - (ms(each.at) ?? now)) / DAY);
  return days <= 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}
