import { AlertChange, type AlertEvent } from '../../gen/edgeassist/v1/alerts';
import { count, spanWords } from './words';
import { Store } from './store';

const TOLD: readonly [AlertChange, string][] = [
  [AlertChange.OPENED, 'opened'], [AlertChange.RAISED, 'got worse'], [AlertChange.ESCALATED, 'passed on'], [AlertChange.CLAIMED, 'claimed'],
  [AlertChange.RESOLVED, 'resolved'], [AlertChange.DISMISSED, 'dismissed'], [AlertChange.CALMED, 'calmed down'],
];

/** What went on while nobody looked: the tab was hidden, or the connection was away. */
export interface MissedNote {
  readonly sentence: string;
  /** Calls to look at, the newest first. */
  readonly callIds: readonly string[];
}

/** Keeps count of what somebody could not see, and tells it once when they are back. */
export class Missed extends Store {
  note: MissedNote | undefined;
  private readonly away = new Map<'hidden' | 'offline', number>();
  private counts = new Map<AlertChange, number>();
  private callIds: string[] = [];
  private hole = '';

  get isAway(): boolean {
    return this.away.size > 0;
  }

  leave(how: 'hidden' | 'offline', now: number): void {
    if (this.away.has(how)) return;
    this.away.set(how, now);
  }

  /** Something happened. */
  see(event: AlertEvent, late: boolean): void {
    if (this.away.size === 0 && !late) return;
    this.counts.set(event.change, (this.counts.get(event.change) ?? 0) + 1);
    if (event.alert !== undefined && !this.callIds.includes(event.alert.callId)) this.callIds.unshift(event.alert.callId);
  }

  /** The history in between is lost. */
  lose(why: string): void {
    this.hole = why;
  }

  /** Back: tells what there is to tell when nothing else keeps them away. */
  back(how: 'hidden' | 'offline', now: number): void {
    const since = this.away.get(how);
    this.away.delete(how);
    if (since === undefined || this.away.size > 0) return;
    const parts = TOLD.flatMap(([change, word]) => {
      const n = this.counts.get(change) ?? 0;
      return n === 0 ? [] : [`${n} ${word}`];
    });
    if (parts.length > 0 || this.hole !== '') {
      const gone = `${how === 'hidden' ? 'While you were away' : 'While reconnecting'} (${spanWords((now - since) / 1000)})`;
      const told = parts.length > 0 ? `${count(this.total(), 'change')} of alerts: ${parts.join(', ')}.` : '';
      const lost = this.hole === '' ? '' : ' Some changes can no longer be told; what you see is how things stand now.';
      this.note = { sentence: `${gone}: ${told}${lost}`.replace(': ', ': ').trim(), callIds: this.callIds.slice(0, 20) };
    }
    [this.counts, this.callIds, this.hole] = [new Map(), [], ''];
    this.touch();
  }

  dismiss(): void {
    this.note = undefined;
    this.touch();
  }

  private total(): number {
    return TOLD.reduce((sum, [change]) => sum + (this.counts.get(change) ?? 0), 0);
  }
}
