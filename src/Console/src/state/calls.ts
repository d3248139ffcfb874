import type { Call, CallDetail, CallEvent, Gap, Transcript } from '../../gen/edgeassist/v1/calls';
import type { Score } from '../../gen/edgeassist/v1/common';
import { ms, seconds } from '../wire/times';
import type { StreamState, WatchReader } from '../wire/watch';
import { moments, type Moment } from './curve';
import { Store } from './store';

const KEPT_SCORES = 240;

/** A call as the wall knows it. */
export interface WallCall {
  call: Call;
  /** The newest, oldest first: the course of the risk. */
  scores: Score[];
  /** The highest risk so far. */
  peak: number;
  /** By the server's clock; undefined while it lives. */
  endedAt: number | undefined;
}

/** Every live call in sight. What was said stays with the one that is open: memory does not grow with the hours. */
export class WallCalls extends Store implements WatchReader<CallDetail, CallEvent> {
  readonly calls = new Map<string, WallCall>();
  stream: StreamState = { kind: 'connecting' };
  private staged: Map<string, WallCall> | undefined;

  constructor(private readonly onRevoked: (callId: string) => void = () => {}) {
    super();
  }

  begin(): void {
    this.staged = new Map();
  }

  snapshot(detail: CallDetail): void {
    if (detail.call === undefined) return;
    const scores = detail.scores.slice(-KEPT_SCORES);
    this.staged?.set(detail.call.callId, { call: detail.call, scores, peak: detail.scores.reduce((peak, score) => Math.max(peak, score.risk), 0), endedAt: ms(detail.call.endedAt) });
  }

  commit(): void {
    if (this.staged === undefined) return;
    this.calls.clear();
    for (const [id, call] of this.staged) this.calls.set(id, call);
    this.staged = undefined;
    this.touch();
  }

  event(event: CallEvent): void {
    const kind = event.kind;
    if (kind.oneofKind === 'transcript' || kind.oneofKind === 'gap') return;
    if (kind.oneofKind === 'started') this.calls.set(event.callId, { call: kind.started, scores: [], peak: 0, endedAt: undefined });
    const known = this.calls.get(event.callId);
    if (known === undefined) return;
    if (kind.oneofKind === 'updated') known.call = kind.updated;
    else if (kind.oneofKind === 'rungChange') known.call = { ...known.call, rung: kind.rungChange.rung };
    else if (kind.oneofKind === 'ended') [known.call, known.endedAt] = [kind.ended, ms(kind.ended.endedAt) ?? ms(event.eventTime)];
    else if (kind.oneofKind === 'score' && kind.score.score !== undefined) {
      known.scores.push(kind.score.score);
      if (known.scores.length > KEPT_SCORES) known.scores.splice(0, known.scores.length - KEPT_SCORES);
      known.peak = Math.max(known.peak, kind.score.score.risk);
    }
    this.touch();
  }

  other(message: { oneofKind: string | undefined }): void {
    if (message.oneofKind !== 'revoked') return;
    const { callId } = (message as unknown as { revoked: { callId: string } }).revoked;
    this.calls.delete(callId);
    this.onRevoked(callId);
    this.touch();
  }

  state(state: StreamState): void {
    this.stream = state;
    this.touch();
  }

  /** Takes calls off the wall that ended a while ago. */
  sweep(serverNow: number, keepMs: number): void {
    for (const [id, call] of this.calls) {
      if (call.endedAt === undefined || serverNow - call.endedAt < keepMs) continue;
      this.calls.delete(id);
      this.touch();
    }
  }
}

/** The call that is open, with all its words. */
export class OpenCall extends Store implements WatchReader<CallDetail, CallEvent> {
  call: Call | undefined;
  finals: Transcript[] = [];
  /** The newest of each leg that is not final yet. */
  partials: readonly Transcript[] = [];
  scores: Score[] = [];
  gaps: Gap[] = [];
  /** It left our sight: nothing more is shown of it. */
  revoked = false;
  /** The journal does not hold it, or it is out of sight. */
  missing = '';
  stream: StreamState = { kind: 'connecting' };
  private staged: CallDetail | undefined;
  private momentsOf: Score[] | undefined;
  private found: readonly Moment[] = [];

  constructor(readonly callId: string) {
    super();
  }

  /** A call as it was kept. */
  load(detail: CallDetail): void {
    this.take(detail);
    this.stream = { kind: 'live' };
    this.touch();
  }

  begin(): void {
    this.staged = undefined;
  }

  snapshot(detail: CallDetail): void {
    this.staged = detail;
  }

  commit(): void {
    if (this.staged !== undefined) this.take(this.staged);
    else if (this.call === undefined) this.missing = 'The call is over, or it is not one of yours.';
    this.staged = undefined;
    this.touch();
  }

  event(event: CallEvent): void {
    if (event.callId !== this.callId) return;
    const kind = event.kind;
    switch (kind.oneofKind) {
      case 'started': this.call = kind.started; this.missing = ''; break;
      case 'updated': this.call = kind.updated; break;
      case 'ended': [this.call, this.partials] = [kind.ended, []]; break;
      case 'rungChange': if (this.call !== undefined) this.call = { ...this.call, rung: kind.rungChange.rung }; break;
      case 'gap': this.gaps = [...this.gaps, kind.gap]; break;
      case 'score': if (kind.score.score !== undefined) this.addScore(kind.score.score); break;
      case 'transcript': this.addWords(kind.transcript); break;
      default: return;
    }
    this.touch();
  }

  other(message: { oneofKind: string | undefined }): void {
    if (message.oneofKind !== 'revoked') return;
    [this.revoked, this.call, this.finals, this.partials, this.scores, this.gaps] = [true, undefined, [], [], [], []];
    this.touch();
  }

  state(state: StreamState): void {
    this.stream = state;
    this.touch();
  }

  private take(detail: CallDetail): void {
    this.call = detail.call;
    this.missing = '';
    [this.finals, this.partials] = [[], []];
    for (const words of detail.transcript) this.addWords(words);
    this.scores = [...detail.scores];
    this.gaps = [...detail.gaps];
  }

  /** What was noticed, and when; made anew only when there are new scores. */
  get moments(): readonly Moment[] {
    if (this.momentsOf !== this.scores) [this.momentsOf, this.found] = [this.scores, moments(this.scores)];
    return this.found;
  }

  private addScore(score: Score): void {
    this.scores = [...this.scores, score];
  }

  // A final takes the place of every partial of its number; a late one goes where it was said.
  private addWords(words: Transcript): void {
    const partial = this.partials.find(other => other.leg === words.leg);
    const others = this.partials.filter(other => other.leg !== words.leg);
    if (!words.final) {
      if (partial === undefined || words.utterance >= partial.utterance) this.partials = [...others, words];
      return;
    }
    if (partial !== undefined && partial.utterance <= words.utterance) this.partials = others;
    const at = seconds(words.start);
    let place = this.finals.length;
    while (place > 0 && seconds(this.finals[place - 1]!.start) > at) place--;
    this.finals = [...this.finals.slice(0, place), words, ...this.finals.slice(place)];
  }
}
