import type { Alert } from '../../gen/edgeassist/v1/alerts';
import type { Wall } from '../../gen/edgeassist/v1/calls';
import { Appliance, newRequestId } from '../wire/appliance';
import { Backoff } from '../wire/backoff';
import { ServerClock } from '../wire/clock';
import { explain } from '../wire/failure';
import { Session } from '../wire/session';
import { realTime, Watch, type StreamState } from '../wire/watch';
import { Chime, summons } from './alarm';
import { StandingAlerts } from './alerts';
import { Help } from './assist';
import { OpenCall, WallCalls } from './calls';
import { Missed } from './missed';
import { Settings } from './settings';
import { Store } from './store';
import { timeOfDay } from './words';

const KEEP_ENDED = 20_000, KEEP_ALERT = 10 * 60_000;

/** A short notice at the edge of the screen. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: 'good' | 'bad' | 'info';
}

/** How all streams together stand, in a word and a sentence. */
export interface Connection {
  readonly kind: 'live' | 'connecting' | 'stale' | 'reconnecting' | 'refused';
  readonly word: string;
  readonly sentence: string;
}

/** The call that is open and its prompts; one at a time, so that a browser's six connections over HTTP/1.1 are enough. */
export interface Opened {
  readonly call: OpenCall;
  readonly help: Help;
  close(): void;
}

/** Everything one desk sees, and what it does: the streams of whoever is signed in, and one open call. */
export class Desk extends Store {
  readonly session = new Session();
  readonly settings = new Settings();
  readonly clock = new ServerClock();
  readonly appliance = new Appliance(this.session);
  readonly chime = new Chime();
  readonly missed = new Missed();
  readonly calls = new WallCalls(callId => this.onRevoked(callId));
  readonly alerts = new StandingAlerts((event, late) => {
    this.missed.see(event, late);
    const { sound, notification } = summons(event, late, this.session.principal?.subject ?? '', this.settings.now, new Date());
    if (sound !== undefined) this.chime.play(sound, this.settings.now.volume);
    if (notification !== undefined) void this.notify(notification);
  }, why => this.missed.lose(why));
  /** An agent's own prompts and messages. */
  readonly help = new Help(() => {
    if (this.settings.now.sound) this.chime.play('soft', this.settings.now.volume);
  });
  /** Changes once a second: clocks on the screen follow it. */
  readonly second = new Store();
  wall: Wall | undefined;
  notices: readonly Notice[] = [];
  opened: Opened | undefined;
  /** Another tab of this console is open in this browser, over plain HTTP. */
  crowded = false;
  private streams: { close(): void; reconnect(): void }[] = [];
  private endTimers: (() => void)[] = [];
  private nextNotice = 1;

  get isAgent(): boolean {
    return this.session.principal?.role === 'agent';
  }

  /** Begins to follow what the one who signed in may see. */
  start(): void {
    this.stop();
    if (this.session.principal === undefined) return;
    this.follow(new Watch(this.appliance.watchCalls, this.calls, this.clock));
    if (this.isAgent) this.follow(new Watch(this.appliance.watchAssist([]), this.help, this.clock));
    else {
      this.follow(new Watch(this.appliance.watchAlerts, this.alerts, this.clock));
      this.followWall();
    }
    for (const store of [this.calls, this.alerts, this.help]) this.endTimers.push(store.subscribe(() => this.look()));
    this.endTimers.push(realTime.every(1000, () => this.tick()));
  }

  stop(): void {
    this.close();
    for (const stream of this.streams) stream.close();
    for (const end of this.endTimers) end();
    [this.streams, this.endTimers] = [[], []];
    this.calls.calls.clear();
    this.alerts.alerts.clear();
    this.alerts.blindness = undefined;
    this.help.prompts.clear();
    this.help.messages.clear();
    this.wall = undefined;
    this.missed.dismiss();
  }

  /** Opens a live call: its words as they are said. */
  open(callId: string): OpenCall {
    if (this.opened?.call.callId === callId) return this.opened.call;
    this.close();
    const call = new OpenCall(callId), help = this.isAgent ? this.help : new Help();
    const watches = [new Watch(this.appliance.watchCall(callId), call, this.clock), ...(this.isAgent ? [] : [new Watch(this.appliance.watchAssist([callId]), help, this.clock)])];
    for (const watch of watches) void watch.run();
    this.opened = { call, help, close: () => watches.forEach(watch => watch.close()) };
    this.touch();
    return call;
  }

  close(): void {
    if (this.opened === undefined) return;
    this.opened.close();
    this.opened = undefined;
    this.touch();
  }

  get connection(): Connection {
    const streams: StreamState[] = this.isAgent ? [this.calls.stream, this.help.stream] : [this.calls.stream, this.alerts.stream];
    // A service this appliance does not have is no trouble of the connection.
    const known = streams.filter(state => !(state.kind === 'refused' && state.failure.kind === 'absent'));
    const of = <K extends StreamState['kind']>(kind: K): Extract<StreamState, { kind: K }> | undefined =>
      known.find((state): state is Extract<StreamState, { kind: K }> => state.kind === kind);
    const refused = of('refused'), again = of('reconnecting'), stale = of('stale');
    if (refused !== undefined) return { kind: 'refused', word: 'Refused', sentence: refused.failure.sentence };
    if (again !== undefined) return { kind: 'reconnecting', word: `Reconnecting since ${timeOfDay(again.since)}`, sentence: `${again.why} It goes on where it was as soon as the appliance answers.` };
    if (stale !== undefined) return { kind: 'stale', word: `Stale since ${timeOfDay(stale.since)}`, sentence: 'Nothing has been heard from the appliance. What you see may be old.' };
    if (of('connecting') !== undefined) return { kind: 'connecting', word: 'Connecting', sentence: 'Fetching how things stand.' };
    return { kind: 'live', word: 'Live', sentence: 'Everything is told as it happens.' };
  }

  /** Does something with an alert; says what came of it. */
  async act(action: 'claim' | 'renew' | 'release' | 'escalate' | 'acknowledge' | 'resolve' | 'dismiss', alert: Alert, reason = ''): Promise<boolean> {
    const request = { alertId: alert.alertId, requestId: newRequestId(), expectedVersion: 0, reason };
    return this.attempt(async () => this.alerts.put(await this.appliance.alerts[action](request).response));
  }

  async annotate(alert: Alert, note: string, disposition: string): Promise<boolean> {
    return this.attempt(async () => this.alerts.put(
      await this.appliance.alerts.annotate({ alertId: alert.alertId, requestId: newRequestId(), expectedVersion: 0, note, disposition }).response));
  }

  /** A supervisor's words for the agent of a call. */
  async sendMessage(callId: string, text: string): Promise<void> {
    const sent = await this.attempt(async () => {
      const message = await this.appliance.assist.sendMessage({ callId, requestId: newRequestId(), text }).response;
      this.opened?.help.putMessage(message);
    });
    if (sent) this.say('Sent to the agent.', 'good');
  }

  /** Runs a request; a refusal becomes a notice with the appliance's own sentence. */
  async attempt(request: () => Promise<void>): Promise<boolean> {
    try {
      await request();
      return true;
    } catch (error) {
      const failure = explain(error);
      if (failure.kind === 'signed-out') this.session.signOut('Your access token is no longer good. Sign in with a new one.');
      else this.say(failure.kind === 'absent' ? 'This appliance does not offer that yet.' : failure.sentence, 'bad');
      return false;
    }
  }

  say(text: string, kind: Notice['kind'] = 'info'): void {
    const notice = { id: this.nextNotice++, text, kind };
    this.notices = [...this.notices.slice(-2), notice];
    this.touch();
    setTimeout(() => this.unsay(notice.id), kind === 'bad' ? 9000 : 4500);
  }

  unsay(id: number): void {
    if (!this.notices.some(notice => notice.id === id)) return;
    this.notices = this.notices.filter(notice => notice.id !== id);
    this.touch();
  }

  /** Seconds since a moment of the server's clock. */
  since(serverMs: number): number {
    return Math.max(0, (this.clock.now() - serverMs) / 1000);
  }

  /** Drops every connection and comes back; for tests of just that, and for a hand that wants it now. */
  reconnect(): void {
    for (const stream of this.streams) stream.reconnect();
  }

  private follow(watch: { run(): Promise<void>; close(): void; reconnect(): void }): void {
    this.streams.push(watch);
    void watch.run();
  }

  // Not journaled: each message is the whole wall, there is nothing to resume.
  private followWall(): void {
    const closed = new AbortController();
    let current = new AbortController();
    this.streams.push({ close: () => { closed.abort(); current.abort(); }, reconnect: () => current.abort() });
    void (async () => {
      const backoff = new Backoff();
      while (!closed.signal.aborted) {
        current = new AbortController();
        try {
          for await (const wall of this.appliance.calls.watchWall({ top: 500 }, { abort: current.signal }).responses) {
            this.wall = wall;
            backoff.succeeded();
            this.touch();
          }
        } catch (error) {
          const { kind } = explain(error);
          if (kind === 'signed-out' || kind === 'forbidden' || kind === 'absent') return;
        }
        await realTime.pause(Math.max(250, backoff.next()), closed.signal);
      }
    })();
  }

  private look(): void {
    const connection = this.connection;
    if (connection.kind === 'reconnecting' || connection.kind === 'stale') this.missed.leave('offline', Date.now());
    else if (connection.kind === 'live') this.missed.back('offline', Date.now());
    const refused = [this.calls.stream, this.alerts.stream, this.help.stream].find(state => state.kind === 'refused' && state.failure.kind === 'signed-out');
    if (refused !== undefined) this.session.signOut('Your access token is no longer good. Sign in with a new one.');
    this.touch();
  }

  private tick(): void {
    const now = this.clock.now();
    this.calls.sweep(now, KEEP_ENDED);
    this.alerts.sweep(now, KEEP_ALERT);
    this.second.touch();
  }

  private onRevoked(callId: string): void {
    if (this.opened?.call.callId !== callId) return;
    this.opened.call.other({ oneofKind: 'revoked', revoked: { callId } } as { oneofKind: string });
  }

  private async notify({ title, body, tag }: { title: string; body: string; tag: string }): Promise<void> {
    if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
    const worker = await navigator.serviceWorker?.getRegistration();
    const options = { body, tag, icon: '/icon-192.png', badge: '/icon-192.png' };
    if (worker !== undefined) await worker.showNotification(title, options);
    else new Notification(title, options);
  }
}

export const desk = new Desk();
