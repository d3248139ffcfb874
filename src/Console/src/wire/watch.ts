import type { Bookmark, Goaway, Heartbeat, Hello, SnapshotEnd } from '../../gen/edgeassist/v1/common';
import { Backoff } from './backoff';
import type { ServerClock } from './clock';
import { explain, type Failure } from './failure';
import { ms, seconds } from './times';

/** How a stream stands. */
export type StreamState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Nothing was heard for longer than a heartbeat takes. */
  | { readonly kind: 'stale'; readonly since: number }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly why: string }
  /** For good, until somebody signs in anew or the server learns it. */
  | { readonly kind: 'refused'; readonly failure: Failure };

/** One message of a watch; what every stream has, and its own kinds. */
export type WatchMessage<S, E> =
  | { oneofKind: 'hello'; hello: Hello }
  | { oneofKind: 'snapshot'; snapshot: S }
  | { oneofKind: 'snapshotEnd'; snapshotEnd: SnapshotEnd }
  | { oneofKind: 'event'; event: E }
  | { oneofKind: 'bookmark'; bookmark: Bookmark }
  | { oneofKind: 'heartbeat'; heartbeat: Heartbeat }
  | { oneofKind: 'goaway'; goaway: Goaway }
  | { oneofKind: string | undefined };

/** Where the messages go. */
export interface WatchReader<S, E> {
  /** A snapshot begins: what it brings takes the place of everything at its end. */
  begin(): void;
  snapshot(item: S): void;
  /** The snapshot is whole. */
  commit(): void;
  /** @param late It happened before the stream was open: told after the fact. */
  event(event: E, late: boolean): void;
  /** A kind of this stream alone. */
  other?(message: { oneofKind: string | undefined }): void;
  /** The history in between could not be told: events were missed, and the snapshot that follows shows how things stand. */
  hole?(why: string): void;
  state(state: StreamState): void;
}

/** Opens the stream: with a token it goes on there, without one it begins with a snapshot. */
export type Open<S, E> = (resumeToken: string, snapshot: boolean, abort: AbortSignal) => AsyncIterable<{ message: WatchMessage<S, E> }>;

/** Clock and pauses, so that tests have their own. */
export interface WatchTime {
  now(): number;
  pause(milliseconds: number, abort: AbortSignal): Promise<void>;
  every(milliseconds: number, tick: () => void): () => void;
}

export const realTime: WatchTime = {
  now: () => Date.now(),
  pause: (milliseconds, abort) => new Promise(resolve => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      abort.removeEventListener('abort', done);
      removeEventListener('online', done);
      resolve();
    }
    abort.addEventListener('abort', done);
    addEventListener('online', done);   // the network is back: no reason to wait
  }),
  every: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds);
    return () => clearInterval(timer);
  },
};

const HELLO_PATIENCE = 15_000;

/** Follows one stream for ever: resumes where it was, starts anew when it must, and says how it stands. */
export class Watch<S, E extends { resumeToken: string }> {
  private readonly closed = new AbortController();
  private token = '';
  private heard = 0;
  private heartbeat = 5_000;
  private current: AbortController | undefined;
  private shown: StreamState = { kind: 'connecting' };

  constructor(private readonly open: Open<S, E>, private readonly reader: WatchReader<S, E>, private readonly clock: ServerClock, private readonly time: WatchTime = realTime) {}

  /** Runs until closed or refused. */
  async run(): Promise<void> {
    const backoff = new Backoff();
    const stop = this.time.every(500, () => this.look());
    try {
      while (!this.closed.signal.aborted) {
        const failure = await this.once(backoff);
        if (failure === undefined || this.closed.signal.aborted) continue;
        if (failure.kind === 'signed-out' || failure.kind === 'forbidden' || failure.kind === 'absent' || failure.kind === 'wrong') {
          this.show({ kind: 'refused', failure });
          return;
        }
        if (failure.kind === 'start-anew') {
          this.token = '';
          this.reader.hole?.(failure.sentence);
        } else if (failure.resumeToken !== '') this.token = failure.resumeToken;
        this.show({ kind: 'reconnecting', since: this.shown.kind === 'reconnecting' ? this.shown.since : this.heard || this.time.now(), why: failure.sentence });
        await this.time.pause(backoff.next(), this.closed.signal);
      }
    } finally {
      stop();
    }
  }

  close(): void {
    this.closed.abort();
    this.current?.abort();
  }

  /** Drops the connection and comes back at the same place. */
  reconnect(): void {
    this.current?.abort();
  }

  private async once(backoff: Backoff): Promise<Failure | undefined> {
    const abort = this.current = new AbortController();
    this.heard = this.time.now();
    let helloAt = 0, live = false;
    try {
      for await (const { message } of this.open(this.token, this.token === '', abort.signal)) {
        if (this.closed.signal.aborted) return undefined;
        this.heard = this.time.now();
        const some = message as { oneofKind: string | undefined } & Partial<Record<'hello' | 'snapshot' | 'snapshotEnd' | 'event' | 'bookmark' | 'heartbeat' | 'goaway', unknown>>;
        switch (some.oneofKind) {
          case 'hello': {
            const hello = some.hello as Hello;
            helloAt = this.clockOf(hello.serverTime);
            if (hello.heartbeatInterval !== undefined) this.heartbeat = Math.max(500, seconds(hello.heartbeatInterval) * 1000);
            if (this.token === '') this.reader.begin();
            else {
              live = true;
              this.token = hello.resumeToken || this.token;
            }
            backoff.succeeded();
            if (live) this.show({ kind: 'live' });
            break;
          }
          case 'snapshot':
            this.reader.snapshot(some.snapshot as S);
            break;
          case 'snapshotEnd':
            this.token = (some.snapshotEnd as SnapshotEnd).resumeToken;
            this.reader.commit();
            live = true;
            this.show({ kind: 'live' });
            break;
          case 'event': {
            const event = some.event as E & { eventTime?: Hello['serverTime'] };
            this.reader.event(event, (ms(event.eventTime) ?? 0) < helloAt);
            if (event.resumeToken !== '') this.token = event.resumeToken;
            break;
          }
          case 'bookmark':
            this.token = (some.bookmark as Bookmark).resumeToken || this.token;
            break;
          case 'heartbeat': {
            const heartbeat = some.heartbeat as Heartbeat;
            this.clockOf(heartbeat.serverTime);
            this.token = heartbeat.resumeToken || this.token;
            break;
          }
          case 'goaway': {
            const goaway = some.goaway as Goaway;
            this.token = goaway.resumeToken || this.token;
            await this.time.pause(seconds(goaway.retryAfter) * 1000, this.closed.signal);
            abort.abort();
            return undefined;
          }
          default: {
            const token = (some as { revoked?: { resumeToken: string } }).revoked?.resumeToken;
            if (token) this.token = token;
            this.reader.other?.(some);
          }
        }
        if (live && this.shown.kind !== 'live') this.show({ kind: 'live' });
      }
      return { kind: 'retry', sentence: 'The appliance ended the stream.', reason: '', resumeToken: '' };
    } catch (error) {
      return this.closed.signal.aborted ? undefined : explain(error);
    } finally {
      abort.abort();
    }
  }

  private clockOf(server: Hello['serverTime']): number {
    const at = ms(server) ?? 0;
    if (at > 0) this.clock.observe(at, this.heard);
    return at;
  }

  /** Late: say so. Three heartbeats without a word: the connection is dead, whatever it says. */
  private look(): void {
    const silent = this.time.now() - this.heard;
    if (this.shown.kind === 'live' && silent > this.heartbeat * 1.5 + 500) this.show({ kind: 'stale', since: this.heard });
    if (silent > Math.max(this.heartbeat * 3, this.shown.kind === 'live' || this.shown.kind === 'stale' ? 0 : HELLO_PATIENCE)) this.current?.abort();
  }

  private show(state: StreamState): void {
    this.shown = state;
    this.reader.state(state);
  }
}
