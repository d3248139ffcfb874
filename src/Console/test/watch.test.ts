import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcError } from '@protobuf-ts/runtime-rpc';
import { Hello } from '../gen/edgeassist/v1/common';
import { ServerClock } from '../src/wire/clock';
import { Backoff } from '../src/wire/backoff';
import { Watch, type StreamState, type WatchMessage, type WatchTime } from '../src/wire/watch';
import { at, span } from './make';

type Event = { resumeToken: string; n: number; eventTime?: { seconds: number; nanos: number } };
type Message = WatchMessage<string, Event>;

/** A server whose streams the test writes, and a clock it turns. */
class Bench {
  now = 1_000;
  readonly opened: { token: string; snapshot: boolean; abort: AbortSignal; send(message: Message): Promise<void>; fail(error: unknown): Promise<void> }[] = [];
  readonly states: StreamState[] = [];
  readonly told: string[] = [];
  readonly clock = new ServerClock();
  private ticks: (() => void)[] = [];
  private pauses: (() => void)[] = [];

  readonly time: WatchTime = {
    now: () => this.now,
    pause: (ms, abort) => ms === 0 || abort.aborted ? Promise.resolve() : new Promise(resolve => { this.pauses.push(resolve); abort.addEventListener('abort', () => resolve()); }),
    every: (_, tick) => { this.ticks.push(tick); return () => { this.ticks = this.ticks.filter(other => other !== tick); }; },
  };

  readonly watch = new Watch<string, Event>((token, snapshot, abort) => this.stream(token, snapshot, abort), {
    begin: () => this.told.push('begin'), snapshot: item => this.told.push(`snapshot ${item}`), commit: () => this.told.push('commit'),
    event: (event, late) => this.told.push(`event ${event.n}${late ? ' late' : ''}`), hole: () => this.told.push('hole'), state: state => this.states.push(state),
  }, this.clock, this.time);

  async advance(ms: number): Promise<void> {
    this.now += ms;
    for (const tick of this.ticks) tick();
    const waiting = this.pauses;
    this.pauses = [];
    for (const go of waiting) go();
    await settle();
  }

  private async *stream(token: string, snapshot: boolean, abort: AbortSignal): AsyncIterable<{ message: Message }> {
    const queue: (Message | { error: unknown })[] = [];
    let wake = (): void => {};
    const push = async (item: Message | { error: unknown }): Promise<void> => { queue.push(item); wake(); await settle(); };
    this.opened.push({ token, snapshot, abort, send: message => push(message), fail: error => push({ error }) });
    abort.addEventListener('abort', () => wake());
    for (;;) {
      while (queue.length === 0 && !abort.aborted) await new Promise<void>(resolve => { wake = resolve; });
      if (abort.aborted) throw new RpcError('aborted', 'CANCELLED');
      const next = queue.shift()!;
      if ('error' in next) throw next.error;
      yield { message: next };
    }
  }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
const hello = (token: string, serverMs = 1_000): Message => ({ oneofKind: 'hello', hello: Hello.create({ resumeToken: token, heartbeatInterval: span(5), serverTime: at(serverMs) }) });
const end = (token: string): Message => ({ oneofKind: 'snapshotEnd', snapshotEnd: { bookmark: 1, resumeToken: token } });
const event = (n: number, eventMs = 5_000): Message => ({ oneofKind: 'event', event: { n, resumeToken: `after ${n}`, eventTime: at(eventMs) } });

async function started(): Promise<Bench> {
  const bench = new Bench();
  void bench.watch.run();
  await settle();
  await bench.opened[0]!.send(hello('start'));
  await bench.opened[0]!.send({ oneofKind: 'snapshot', snapshot: 'a' });
  await bench.opened[0]!.send(end('bookmark'));
  return bench;
}

test('begins with a snapshot and is live when it is whole', async () => {
  const bench = await started();
  assert.equal(bench.opened[0]!.snapshot, true);
  assert.deepEqual(bench.told, ['begin', 'snapshot a', 'commit']);
  assert.equal(bench.states.at(-1)?.kind, 'live');
  bench.watch.close();
});

test('a cut in the middle of a snapshot begins anew: half a snapshot is no place to go on from', async () => {
  const bench = new Bench();
  void bench.watch.run();
  await settle();
  await bench.opened[0]!.send(hello('start'));
  await bench.opened[0]!.send({ oneofKind: 'snapshot', snapshot: 'a' });
  await bench.opened[0]!.fail(new TypeError('network'));
  assert.equal(bench.opened[1]!.token, '');
  assert.equal(bench.opened[1]!.snapshot, true);
  bench.watch.close();
});

test('comes back behind the last event', async () => {
  const bench = await started();
  await bench.opened[0]!.send(event(7));
  await bench.opened[0]!.fail(new TypeError('network'));
  assert.equal(bench.states.at(-1)?.kind, 'reconnecting');
  assert.equal(bench.opened[1]!.token, 'after 7');
  assert.equal(bench.opened[1]!.snapshot, false);
  await bench.opened[1]!.send(hello('after 7'));
  assert.equal(bench.states.at(-1)?.kind, 'live');
  bench.watch.close();
});

test('what happened in between is told as late, what happens now is not', async () => {
  const bench = await started();
  await bench.opened[0]!.fail(new TypeError('network'));
  await bench.opened[1]!.send(hello('bookmark', 9_000));
  await bench.opened[1]!.send(event(1, 8_000));
  await bench.opened[1]!.send(event(2, 9_500));
  assert.deepEqual(bench.told.slice(3), ['event 1 late', 'event 2']);
  bench.watch.close();
});

test('says that it is stale when a heartbeat stays out, and reconnects after three', async () => {
  const bench = await started();
  await bench.advance(8_100);
  assert.deepEqual(bench.states.at(-1), { kind: 'stale', since: 1_000 });
  assert.equal(bench.opened.length, 1);
  await bench.advance(7_000);
  assert.equal(bench.opened[0]!.abort.aborted, true);
  assert.equal(bench.states.at(-1)?.kind, 'reconnecting');
  assert.equal(bench.opened[1]!.token, 'bookmark');
  bench.watch.close();
});

test('any message ends staleness', async () => {
  const bench = await started();
  await bench.advance(8_100);
  await bench.opened[0]!.send(event(1));
  assert.equal(bench.states.at(-1)?.kind, 'live');
  bench.watch.close();
});

test('a history that is gone is a hole, and a new snapshot follows', async () => {
  const bench = await started();
  await bench.opened[0]!.fail(new RpcError('trimmed', 'OUT_OF_RANGE', { 'edgeassist-reason': 'HISTORY_TRIMMED' }));
  assert.equal(bench.told.at(-1), 'hole');
  assert.equal(bench.opened[1]!.snapshot, true);
  bench.watch.close();
});

test('a refused token ends it: trying again would not help', async () => {
  const bench = await started();
  await bench.opened[0]!.fail(new RpcError('The%20access%20token%20has%20expired.', 'UNAUTHENTICATED', { 'edgeassist-reason': 'TOKEN_EXPIRED' }));
  await bench.advance(60_000);
  const last = bench.states.at(-1);
  assert.equal(last?.kind, 'refused');
  assert.equal(last?.kind === 'refused' ? last.failure.sentence : '', 'The access token has expired.');
  assert.equal(bench.opened.length, 1);
});

test('a slow reader goes on with the token that the refusal brings', async () => {
  const bench = await started();
  await bench.opened[0]!.fail(new RpcError('slow', 'RESOURCE_EXHAUSTED', { 'edgeassist-reason': 'SLOW_READER', 'edgeassist-resume-token': 'here' }));
  assert.equal(bench.opened[1]!.token, 'here');
  bench.watch.close();
});

test('a goaway is obeyed after its pause', async () => {
  const bench = await started();
  await bench.opened[0]!.send({ oneofKind: 'goaway', goaway: { resumeToken: 'later', retryAfter: span(2), reason: 'age' } });
  assert.equal(bench.opened.length, 1);
  await bench.advance(2_000);
  assert.equal(bench.opened[1]!.token, 'later');
  bench.watch.close();
});

test('pauses double and are capped', () => {
  const backoff = new Backoff(() => 0);
  assert.deepEqual(Array.from({ length: 9 }, () => backoff.next()), [0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  backoff.succeeded();
  assert.equal(backoff.next(), 0);
});

test('the clock takes the message that travelled least', () => {
  const clock = new ServerClock();
  clock.observe(10_000, 5_100);
  clock.observe(20_000, 15_020);
  clock.observe(30_000, 25_300);
  assert.equal(clock.offset, 4_980);
  assert.equal(clock.now(100), 5_080);
});
