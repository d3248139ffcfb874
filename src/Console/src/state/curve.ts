import type { Reason, Score } from '../../gen/edgeassist/v1/common';
import type { Transcript } from '../../gen/edgeassist/v1/calls';
import { momentOf } from './words';
import { seconds } from '../wire/times';

/** A moment of the call at which something was noticed. */
export interface Moment {
  readonly at: number;
  readonly reason: Reason;
  /** Risk of the score that first told it. */
  readonly risk: number;
}

/** Each piece of evidence once, in the order of its moment, with the strongest weight it was given. */
export function moments(scores: readonly Score[]): Moment[] {
  const found = new Map<string, Moment>();
  for (const score of scores) {
    for (const reason of score.reasons) {
      const key = `${reason.cue}\u001f${Math.round(momentOf(reason) * 10)}\u001f${reason.role}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { at: momentOf(reason), reason, risk: score.risk });
      else if (Math.abs(reason.weight) > Math.abs(known.reason.weight)) found.set(key, { ...known, reason });
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

/** The risk at a moment: that of the last score before it; undefined before the first. */
export function riskAt(scores: readonly Score[], at: number): Score | undefined {
  let low = 0, high = scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seconds(scores[middle]!.at) <= at) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : scores[low - 1];
}

/** Where a moment was said: the utterance it falls into, or the nearest of its party. */
export function utteranceAt(finals: readonly Transcript[], at: number, role?: number): Transcript | undefined {
  let best: Transcript | undefined, distance = Infinity;
  for (const words of finals) {
    if (role !== undefined && role !== 0 && words.role !== role) continue;
    const start = seconds(words.start), end = seconds(words.end);
    const away = at < start ? start - at : at > end ? at - end : 0;
    if (away < distance) [best, distance] = [words, away];
  }
  return best;
}

/** The text cut at its quotes, so that they can be marked. Quotes that overlap: the earlier one counts. */
export function marked(text: string, quotes: readonly { quote: string; cue: string }[]): { text: string; cue: string }[] {
  const low = text.toLowerCase();
  const hits = quotes
    .filter(each => each.quote.length > 0)
    .map(each => ({ from: low.indexOf(each.quote.toLowerCase()), length: each.quote.length, cue: each.cue }))
    .filter(hit => hit.from >= 0)
    .sort((a, b) => a.from - b.from || b.length - a.length);
  const parts: { text: string; cue: string }[] = [];
  let at = 0;
  for (const hit of hits) {
    if (hit.from < at) continue;
    if (hit.from > at) parts.push({ text: text.slice(at, hit.from), cue: '' });
    parts.push({ text: text.slice(hit.from, hit.from + hit.length), cue: hit.cue });
    at = hit.from + hit.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), cue: '' });
  return parts;
}

/** A line through the course of the risk for a small picture of width × height, newest at the right edge. */
export function sparkPath(scores: readonly Score[], width: number, height: number, spanSeconds: number): string {
  const end = seconds(scores.at(-1)?.at);
  const points = scores.filter(score => seconds(score.at) >= end - spanSeconds);
  if (points.length === 0) return '';
  const x = (score: Score): number => width - (end - seconds(score.at)) / spanSeconds * width;
  const y = (score: Score): number => height - score.risk * height;
  const [first, ...rest] = points as [Score, ...Score[]];
  const from = rest.length === 0 ? `M0 ${y(first).toFixed(1)}H${width}` : `M${x(first).toFixed(1)} ${y(first).toFixed(1)}`;
  // A score stands until the next one: steps, no slopes nobody measured.
  return from + rest.map(score => `H${x(score).toFixed(1)}V${y(score).toFixed(1)}`).join('');
}
