import { AlertChange, AlertState, type Alert, type AlertEvent } from '../../gen/edgeassist/v1/alerts';
import type { Blindness } from '../../gen/edgeassist/v1/common';
import { ms } from '../wire/times';
import type { StreamState, WatchReader } from '../wire/watch';
import { Store } from './store';

/** True while somebody has to do something, or does. */
export function stands(alert: Alert): boolean {
  return alert.state === AlertState.OPEN || alert.state === AlertState.CLAIMED || alert.state === AlertState.ACKNOWLEDGED;
}

/** Since when it waits for a hand; undefined while somebody has it or it is over. */
export function waitsSince(alert: Alert): number | undefined {
  return alert.state === AlertState.OPEN && alert.callEndedAt === undefined ? ms(alert.waitingSince) ?? ms(alert.openedAt) : undefined;
}

/** Every alert that stands, and those that ended since we look. */
export class StandingAlerts extends Store implements WatchReader<Alert, AlertEvent> {
  readonly alerts = new Map<string, Alert>();
  /** Why the product cannot see; undefined while it can. */
  blindness: Blindness | undefined;
  stream: StreamState = { kind: 'connecting' };
  private staged: Map<string, Alert> | undefined;

  /**
   * @param onEvent Hears every event; late: it happened while we were not connected.
   * @param onHole Events were lost for good.
   */
  constructor(private readonly onEvent: (event: AlertEvent, late: boolean) => void = () => {}, private readonly onHole: (why: string) => void = () => {}) {
    super();
  }

  begin(): void {
    this.staged = new Map();
  }

  snapshot(alert: Alert): void {
    this.staged?.set(alert.alertId, alert);
  }

  commit(): void {
    if (this.staged === undefined) return;
    this.alerts.clear();
    for (const [id, alert] of this.staged) this.alerts.set(id, alert);
    this.staged = undefined;
    this.touch();
  }

  event(event: AlertEvent, late: boolean): void {
    if (event.alert === undefined) return;
    this.put(event.alert);
    this.onEvent(event, late);
  }

  /** An answer may come before its event, or behind it. */
  put(alert: Alert): void {
    const known = this.alerts.get(alert.alertId);
    if (known !== undefined && known.version > alert.version) return;
    this.alerts.set(alert.alertId, alert);
    this.touch();
  }

  other(message: { oneofKind: string | undefined }): void {
    if (message.oneofKind !== 'blindness') return;
    const { blindness } = message as unknown as { blindness: Blindness };
    this.blindness = blindness.missing.length > 0 ? blindness : undefined;
    this.touch();
  }

  hole(why: string): void {
    this.onHole(why);
  }

  state(state: StreamState): void {
    this.stream = state;
    this.touch();
  }

  /** Of one call the one that stands, else the newest. */
  ofCall(callId: string): Alert | undefined {
    let found: Alert | undefined;
    for (const alert of this.alerts.values()) {
      if (alert.callId !== callId) continue;
      if (found === undefined || (stands(alert) && !stands(found)) || (stands(alert) === stands(found) && (ms(alert.openedAt) ?? 0) > (ms(found.openedAt) ?? 0))) found = alert;
    }
    return found;
  }

  /** Nobody has them: the longest wait first. */
  waiting(): Alert[] {
    return [...this.alerts.values()].filter(alert => waitsSince(alert) !== undefined).sort((a, b) => waitsSince(a)! - waitsSince(b)!);
  }

  /** Forgets what is over: an alert whose call and life ended is of the past. */
  sweep(serverNow: number, keepMs: number): void {
    for (const [id, alert] of this.alerts) {
      const over = Math.max(ms(alert.closedAt) ?? 0, ms(alert.callEndedAt) ?? 0);
      if (over > 0 && serverNow - over >= keepMs && (!stands(alert) || alert.callEndedAt !== undefined)) this.alerts.delete(id);
    }
  }
}

/** Worth a sound or a notification: it wants somebody now. */
export function calls(change: AlertChange): boolean {
  return change === AlertChange.OPENED || change === AlertChange.RAISED || change === AlertChange.ESCALATED || change === AlertChange.UNSILENCED;
}
