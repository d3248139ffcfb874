import type { Alert } from '../../gen/edgeassist/v1/alerts';
import type { Call } from '../../gen/edgeassist/v1/calls';
import { Level } from '../../gen/edgeassist/v1/common';
import { ms } from '../wire/times';

/** What one looks for among past calls. */
export interface PastFilter {
  readonly text: string;
  /** At least this level by its alert; UNSPECIFIED: any call. */
  readonly level: Level;
  /** yyyy-MM-dd; empty: any. */
  readonly from: string;
  readonly to: string;
}

export const EVERYTHING: PastFilter = { text: '', level: Level.UNSPECIFIED, from: '', to: '' };

/** The worst level a call is known to have reached. */
export function worst(call: Call, alert: Alert | undefined): Level {
  return Math.max(alert?.level ?? Level.UNSPECIFIED, call.score?.level ?? Level.UNSPECIFIED);
}

export function fits(filter: PastFilter, call: Call, alert: Alert | undefined): boolean {
  const text = filter.text.trim().toLowerCase(), at = ms(call.startedAt) ?? 0;
  return (text === '' || [call.agent, call.team, call.customer, alert?.outcome?.disposition ?? '', alert?.closedBy ?? ''].some(part => part.toLowerCase().includes(text)))
    && worst(call, alert) >= filter.level
    && (filter.from === '' || at >= dayStart(filter.from)) && (filter.to === '' || at < dayStart(filter.to) + 86_400_000);
}

/** Midnight here of a date as the browser's field gives it. */
function dayStart(date: string): number {
  const [year, month, day] = date.split('-').map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, day ?? 1).getTime();
}
