import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertChange, AlertState } from '../gen/edgeassist/v1/alerts';
import { Wall } from '../gen/edgeassist/v1/calls';
import { Interaction, InteractionKind, InteractionState } from '../gen/edgeassist/v1/history';
import { Prompt, PromptState } from '../gen/edgeassist/v1/assist';
import { Level, PartyRole } from '../gen/edgeassist/v1/common';
import { summons } from '../src/state/alarm';
import { StandingAlerts, stands, waitsSince } from '../src/state/alerts';
import { Help } from '../src/state/assist';
import { OpenCall, WallCalls } from '../src/state/calls';
import { marked, moments, riskAt, sparkPath, utteranceAt } from '../src/state/curve';
import { historyLines } from '../src/state/history';
import { Missed } from '../src/state/missed';
import { EVERYTHING, fits } from '../src/state/past';
import { DEFAULTS, isQuiet, read } from '../src/state/settings';
import { hold, rows, visible } from '../src/state/wall';
import { cueWords, initials, span, spanWords, trendWords, weightWords } from '../src/state/words';
import { alert, at, call, detail, happened, reason, said, score, span as length, words } from './make';

const noon = (text: string): Date => new Date(`2026-11-27T${text}:00`);

test('a wall call keeps a bounded course of its risk', () => {
  const calls = new WallCalls();
  calls.event(said('a', { oneofKind: 'started', started: call('a') }));
  for (let i = 0; i < 1000; i++) calls.event(said('a', { oneofKind: 'score', score: { score: score(i, 0.4) } }));
  assert.equal(calls.calls.get('a')!.scores.length, 240);
});

test('a snapshot takes the place of everything, at its end and not before', () => {
  const calls = new WallCalls();
  calls.event(said('old', { oneofKind: 'started', started: call('old') }));
  calls.begin();
  calls.snapshot(detail('new'));
  assert.deepEqual([...calls.calls.keys()], ['old']);
  calls.commit();
  assert.deepEqual([...calls.calls.keys()], ['new']);
});

test('a call that leaves our sight is taken off', () => {
  const gone: string[] = [], calls = new WallCalls(id => gone.push(id));
  calls.event(said('a', { oneofKind: 'started', started: call('a') }));
  calls.other({ oneofKind: 'revoked', revoked: { callId: 'a' } } as { oneofKind: string });
  assert.equal(calls.calls.size, 0);
  assert.deepEqual(gone, ['a']);
});

test('a call that ended stays for a while', () => {
  const calls = new WallCalls();
  calls.event(said('a', { oneofKind: 'started', started: call('a') }));
  calls.event(said('a', { oneofKind: 'ended', ended: call('a', { endedAt: at(5_000_000) }) }));
  calls.sweep(5_010_000, 20_000);
  assert.equal(calls.calls.size, 1);
  calls.sweep(5_020_000, 20_000);
  assert.equal(calls.calls.size, 0);
});

test('a final takes the place of its partial, and a late one goes where it was said', () => {
  const open = new OpenCall('a');
  open.load(detail('a'));
  open.event(said('a', { oneofKind: 'transcript', transcript: words(1, 'I wa', 4, false) }));
  assert.equal(open.partials[0]!.text, 'I wa');
  open.event(said('a', { oneofKind: 'transcript', transcript: words(1, 'second', 9, true, 1) }));
  open.event(said('a', { oneofKind: 'transcript', transcript: words(1, 'I was first', 4) }));
  assert.deepEqual(open.finals.map(final => final.text), ['I was first', 'second']);
  assert.equal(open.partials.length, 0);
});

test('a partial that comes behind its own final is not shown', () => {
  const open = new OpenCall('a');
  open.load(detail('a', { transcript: [words(2, 'done', 4)] }));
  open.event(said('a', { oneofKind: 'transcript', transcript: words(3, 'next', 8, false) }));
  open.event(said('a', { oneofKind: 'transcript', transcript: words(2, 'old', 4, false) }));
  assert.equal(open.partials[0]!.text, 'next');
});

test('a revoked call keeps nothing of what was said', () => {
  const open = new OpenCall('a');
  open.load(detail('a', { transcript: [words(1, 'secret', 1)], scores: [score(1, 0.5)] }));
  open.other({ oneofKind: 'revoked', revoked: { callId: 'a' } } as { oneofKind: string });
  assert.deepEqual([open.revoked, open.call, open.finals, open.scores], [true, undefined, [], []]);
});

test('an older answer does not undo a newer event', () => {
  const alerts = new StandingAlerts();
  alerts.put(alert('1', { version: 3, holder: 'sue', state: AlertState.CLAIMED }));
  alerts.put(alert('1', { version: 2 }));
  assert.equal(alerts.alerts.get('1')!.holder, 'sue');
});

test('those that wait are told longest first; held, ended and over ones do not wait', () => {
  const alerts = new StandingAlerts();
  alerts.put(alert('late', { openedAt: at(3_000) }));
  alerts.put(alert('early', { openedAt: at(1_000) }));
  alerts.put(alert('again', { openedAt: at(500), waitingSince: at(2_000) }));
  alerts.put(alert('held', { state: AlertState.CLAIMED, holder: 'sue' }));
  alerts.put(alert('over', { callEndedAt: at(4_000) }));
  alerts.put(alert('done', { state: AlertState.RESOLVED }));
  assert.deepEqual(alerts.waiting().map(each => each.alertId), ['early', 'again', 'late']);
  assert.equal(stands(alert('x', { state: AlertState.DISMISSED })), false);
  assert.equal(waitsSince(alert('x', { openedAt: at(7_000) })), 7_000);
});

test('of two alerts of a call the one that stands is shown', () => {
  const alerts = new StandingAlerts();
  alerts.put(alert('new', { callId: 'c', openedAt: at(9_000), state: AlertState.RESOLVED }));
  alerts.put(alert('old', { callId: 'c', openedAt: at(1_000) }));
  assert.equal(alerts.ofCall('c')!.alertId, 'old');
});

test('what was missed is told once, when one is back', () => {
  const missed = new Missed();
  missed.see(happened(AlertChange.OPENED, alert('0')), false);
  missed.leave('hidden', 0);
  missed.see(happened(AlertChange.OPENED, alert('1')), false);
  missed.see(happened(AlertChange.OPENED, alert('2')), false);
  missed.see(happened(AlertChange.RESOLVED, alert('1')), false);
  missed.back('hidden', 240_000);
  assert.match(missed.note!.sentence, /^While you were away \(4 min\): .*2 opened, 1 resolved/);
  missed.dismiss();
  missed.leave('hidden', 0);
  missed.back('hidden', 1_000);
  assert.equal(missed.note, undefined);
});

test('hidden and offline at once: told when both are over; a hole is said', () => {
  const missed = new Missed();
  missed.leave('hidden', 0);
  missed.leave('offline', 1_000);
  missed.lose('trimmed');
  missed.back('offline', 5_000);
  assert.equal(missed.note, undefined);
  missed.back('hidden', 6_000);
  assert.match(missed.note!.sentence, /can no longer be told/);
});

test('the wall keeps the order of the appliance; unscored calls follow, ended ones come last', () => {
  const calls = new WallCalls();
  calls.begin();
  for (const id of ['ended', 'fresh', 'two', 'one']) calls.snapshot(detail(id, id === 'ended' ? { call: call(id, { endedAt: at(1) }) } : {}));
  calls.commit();
  const wall = Wall.create({ at: at(100_000), entries: [{ callId: 'one', waiting: length(30), holder: '' }, { callId: 'unknown' }, { callId: 'two' }] as never });
  const found = rows(wall, calls.calls, () => undefined);
  assert.deepEqual(found.map(row => row.callId), ['one', 'two', 'fresh', 'ended']);
  assert.equal(found[0]!.waitingSince, 70_000);
});

test('under a hand lines stay where they are, and new ones come behind', () => {
  const row = (callId: string): never => ({ callId }) as never;
  assert.deepEqual(hold(['a', 'b', 'c'], [row('new'), row('c'), row('a')]).map(each => each.callId), ['a', 'c', 'new']);
});

test('of two hundred lines those in sight are drawn', () => {
  assert.deepEqual(visible(0, 800, 80, 200, 5), { first: 0, last: 15 });
  assert.deepEqual(visible(8_000, 800, 80, 200, 5), { first: 95, last: 115 });
  assert.deepEqual(visible(99_999, 800, 80, 3, 5), { first: 2, last: 2 });
  assert.deepEqual(visible(0, 800, 80, 0), { first: 0, last: -1 });
});

test('each piece of evidence is one moment, however many scores tell it', () => {
  const found = moments([score(5, 0.4, [reason('complaint', 4, 1)]), score(9, 0.7, [reason('complaint', 4, 1.4), reason('abuse', 8)])]);
  assert.deepEqual(found.map(each => [each.at, each.reason.cue, each.reason.weight]), [[4, 'complaint', 1.4], [8, 'abuse', 1.5]]);
});

test('the risk at a moment is that of the score before it', () => {
  const scores = [score(5, 0.2), score(10, 0.9)];
  assert.equal(riskAt(scores, 4), undefined);
  assert.equal(riskAt(scores, 9.9)!.risk, 0.2);
  assert.equal(riskAt(scores, 10)!.risk, 0.9);
});

test('a moment leads to its words, of its party', () => {
  const finals = [words(1, 'customer', 4), words(1, 'agent', 4.5, true, 1), words(2, 'later', 20)];
  assert.equal(utteranceAt(finals, 5, PartyRole.CUSTOMER)!.text, 'customer');
  assert.equal(utteranceAt(finals, 5, PartyRole.AGENT)!.text, 'agent');
  assert.equal(utteranceAt(finals, 19)!.text, 'later');
  assert.equal(utteranceAt([], 1), undefined);
});

test('quotes are marked once, whatever their case; overlaps give way', () => {
  assert.deepEqual(marked('I want YOUR manager now', [{ quote: 'your manager', cue: 'm' }, { quote: 'manager now', cue: 'x' }]).map(part => [part.text, part.cue]),
    [['I want ', ''], ['YOUR manager', 'm'], [' now', '']]);
  assert.deepEqual(marked('nothing', [{ quote: 'else', cue: 'm' }]), [{ text: 'nothing', cue: '' }]);
});

test('a spark has steps and no slopes', () => {
  assert.equal(sparkPath([], 120, 30, 120), '');
  assert.equal(sparkPath([score(0, 0), score(60, 0.5), score(120, 1)], 120, 30, 120), 'M0.0 30.0H60.0V15.0H120.0V0.0');
});

test('quiet hours may go over midnight', () => {
  const quiet = { on: true, from: '20:00', to: '07:00' };
  assert.deepEqual(['19:59', '20:00', '23:30', '06:59', '07:00'].map(time => isQuiet(quiet, noon(time))), [false, true, true, true, false]);
  assert.equal(isQuiet({ ...quiet, on: false }, noon('23:00')), false);
  assert.equal(isQuiet({ on: true, from: 'x', to: '07:00' }, noon('03:00')), false);
  assert.equal(isQuiet({ on: true, from: '09:00', to: '17:00' }, noon('12:00')), true);
});

test('settings that do not fit are left out', () => {
  assert.deepEqual(read('not json'), DEFAULTS);
  assert.deepEqual(read('[]'), DEFAULTS);
  assert.equal(read('{"sound":"loud","keys":false}').sound, true);
  assert.equal(read('{"sound":"loud","keys":false}').keys, false);
  assert.deepEqual(read('{"quiet":{"on":true}}').quiet, { on: true, from: '20:00', to: '07:00' });
});

test('an alert calls; quiet hours, milder levels, other holders and old news do not', () => {
  const settings = { ...DEFAULTS, notify: true }, opened = happened(AlertChange.OPENED, alert('1'));
  assert.equal(summons(opened, false, 'sue', settings, noon('12:00')).sound, 'critical');
  assert.equal(summons(opened, false, 'sue', settings, noon('12:00')).notification!.title, 'Critical: susan (billing)');
  assert.equal(summons(opened, true, 'sue', settings, noon('12:00')).sound, undefined);
  assert.equal(summons(opened, false, 'sue', { ...settings, quiet: { on: true, from: '11:00', to: '13:00' } }, noon('12:00')).notification, undefined);
  assert.equal(summons(happened(AlertChange.OPENED, alert('1', { level: Level.ESCALATED })), false, 'sue', { ...settings, from: Level.CRITICAL }, noon('12:00')).sound, undefined);
  assert.equal(summons(happened(AlertChange.RAISED, alert('1', { holder: 'tom' })), false, 'sue', settings, noon('12:00')).sound, undefined);
  assert.equal(summons(happened(AlertChange.ESCALATED, alert('1', { assignedTo: ['tom'] })), false, 'sue', settings, noon('12:00')).sound, undefined);
  assert.equal(summons(happened(AlertChange.SHOWN, alert('1')), false, 'sue', settings, noon('12:00')).sound, undefined);
});

test('a notification names no customer and quotes nobody', () => {
  const event = happened(AlertChange.OPENED, alert('1', { customer: '+12025550147', score: score(1, 0.9, [reason('complaint', 1, 1, 'secret words')]) }));
  const text = JSON.stringify(summons(event, false, 'sue', { ...DEFAULTS, notify: true }, noon('12:00')).notification);
  assert.doesNotMatch(text, /2025550147|secret/);
});

test('history in three lines: what was broken, what is open, how often they called', () => {
  const now = 100 * 86_400_000, entry = (part: Partial<Interaction>): Interaction => Interaction.create({ at: at(now - 5 * 86_400_000), ...part });
  const lines = historyLines([
    entry({ kind: InteractionKind.CONTACT, summary: 'asked about the bill', channel: 'phone' }),
    entry({ kind: InteractionKind.TICKET, state: InteractionState.OPEN, summary: 'ticket 4711' }),
    entry({ kind: InteractionKind.ORDER, summary: 'router' }),
    entry({ kind: InteractionKind.PROMISE, state: InteractionState.BROKEN, broken: true, summary: 'call back' }),
  ], now);
  assert.deepEqual(lines.map(line => line.urgent), [true, true, false]);
  assert.match(lines[0]!.text, /promise was not kept: call back \(5 days ago\)/);
  assert.match(lines[1]!.text, /Open ticket: ticket 4711/);
  assert.match(lines[2]!.text, /1 contact in 30 days/);
  assert.deepEqual(historyLines([], now), []);
});

test('a prompt that changed is not shown in an older form, and news is told once', () => {
  const news: string[] = [], help = new Help(kind => news.push(kind));
  help.putPrompt(Prompt.create({ promptId: 'p', callId: 'c', version: 1, state: PromptState.OFFERED }));
  help.putPrompt(Prompt.create({ promptId: 'p', callId: 'c', version: 2, state: PromptState.SHOWN }));
  assert.equal(help.openOf('c')!.version, 2);
  help.putPrompt(Prompt.create({ promptId: 'p', callId: 'c', version: 3, state: PromptState.DISMISSED }));
  help.putPrompt(Prompt.create({ promptId: 'p', callId: 'c', version: 2, state: PromptState.SHOWN }));
  assert.equal(help.openOf('c'), undefined);
  assert.deepEqual(news, ['prompt']);
});

test('past calls are found by text, level and day', () => {
  const one = call('a', { agent: 'susan', startedAt: at(new Date(2026, 10, 27, 12).getTime()), score: score(1, 0.1) }), bad = alert('1', { callId: 'a' });
  assert.equal(fits({ ...EVERYTHING, text: 'SUS' }, one, undefined), true);
  assert.equal(fits({ ...EVERYTHING, text: 'tom' }, one, undefined), false);
  assert.equal(fits({ ...EVERYTHING, level: Level.CRITICAL }, one, undefined), false);
  assert.equal(fits({ ...EVERYTHING, level: Level.CRITICAL }, one, bad), true);
  assert.equal(fits({ ...EVERYTHING, from: '2026-11-27', to: '2026-11-27' }, one, undefined), true);
  assert.equal(fits({ ...EVERYTHING, from: '2026-11-28' }, one, undefined), false);
});

test('words for people', () => {
  assert.equal(cueWords('asks_for_manager'), 'Asks for a manager');
  assert.equal(cueWords('something_new'), 'Something new');
  assert.equal(span(65), '1:05');
  assert.equal(span(3_725), '1:02:05');
  assert.equal(spanWords(40), '40 s');
  assert.equal(spanWords(7_800), '2 h 10 min');
  assert.equal(weightWords(-1), 'calms');
  assert.equal(trendWords(0.12), 'rising 12 in 20 s');
  assert.equal(trendWords(-0.01), 'steady');
  assert.equal(initials('anna.maier'), 'AM');
  assert.equal(initials('sue'), 'SU');
});
