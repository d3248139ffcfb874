import type { Alert } from '../../gen/edgeassist/v1/alerts';
import type { Wall, WallEntry } from '../../gen/edgeassist/v1/calls';
import { Level, type Reason, type Score } from '../../gen/edgeassist/v1/common';
import { ms, seconds } from '../wire/times';
import type { WallCall } from './calls';
import { topReason } from './words';

/** One line of the wall. */
export interface WallRow {
  readonly callId: string;
  readonly level: Level;
  readonly risk: number | undefined;
  readonly trend: number;
  readonly scores: readonly Score[];
  readonly agent: string;
  readonly team: string;
  readonly customer: string;
  readonly reason: Reason | undefined;
  /** Above calm since then, by the server's clock; undefined when it is calm. */
  readonly waitingSince: number | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly holder: string;
  readonly alertId: string;
  /** It has waited so long that it goes before graver ones. */
  readonly starving: boolean;
}

/**
 * The wall's lines: the ranked ones in the order of the appliance, then those it has not scored yet, then what just ended.
 * @param calls Every live call in sight.
 * @param alertOf The alert of a call, if any.
 */
export function rows(wall: Wall | undefined, calls: ReadonlyMap<string, WallCall>, alertOf: (callId: string) => Alert | undefined): WallRow[] {
  const at = ms(wall?.at) ?? 0;
  const ranked: WallRow[] = [], ended: WallRow[] = [], seen = new Set<string>();
  for (const entry of wall?.entries ?? []) {
    const known = calls.get(entry.callId);
    if (known === undefined) continue;   // the streams are a moment apart: it comes with the next wall
    seen.add(entry.callId);
    (known.endedAt === undefined ? ranked : ended).push(row(known, entry, at, alertOf(entry.callId)));
  }
  const rest = [...calls.values()].filter(call => !seen.has(call.call.callId)).map(call => row(call, undefined, at, alertOf(call.call.callId)));
  rest.sort((a, b) => (b.risk ?? -1) - (a.risk ?? -1) || a.startedAt - b.startedAt);
  return [...ranked, ...rest.filter(each => each.endedAt === undefined), ...ended, ...rest.filter(each => each.endedAt !== undefined)];
}

function row(known: WallCall, entry: WallEntry | undefined, at: number, alert: Alert | undefined): WallRow {
  const { call, scores } = known, newest = scores.at(-1) ?? call.score;
  const waiting = entry === undefined ? 0 : seconds(entry.waiting);
  return {
    callId: call.callId,
    level: newest?.level ?? Level.UNSPECIFIED,
    risk: newest?.risk,
    trend: newest?.trend ?? 0,
    scores,
    agent: call.agent,
    team: call.team,
    customer: call.customer,
    reason: topReason(newest) ?? topReason(alert?.score),
    waitingSince: waiting > 0 ? at - waiting * 1000 : undefined,
    startedAt: ms(call.startedAt) ?? 0,
    endedAt: known.endedAt,
    holder: alert?.holder || entry?.holder || '',
    alertId: alert?.alertId || entry?.alertId || '',
    starving: entry?.starving ?? false,
  };
}

/** Keeps the lines where they are while a hand is about to press one; new ones come last, gone ones go. */
export function hold(before: readonly string[], now: readonly WallRow[]): WallRow[] {
  const place = new Map(before.map((id, index) => [id, index]));
  return [...now].sort((a, b) => (place.get(a.callId) ?? Infinity) - (place.get(b.callId) ?? Infinity) || 0);
}

/** Which lines of a list are in sight, with some to spare. */
export function visible(scrollTop: number, height: number, rowHeight: number, total: number, spare = 6): { first: number; last: number } {
  if (rowHeight <= 0 || total === 0) return { first: 0, last: -1 };
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(total - 1, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, total - 1), last };
}
