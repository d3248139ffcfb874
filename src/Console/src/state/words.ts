import { Level, PartyRole, type Reason, type Score } from '../../gen/edgeassist/v1/common';
import { AlertChange, AlertState } from '../../gen/edgeassist/v1/alerts';
import { seconds } from '../wire/times';

const CUES: Readonly<Record<string, string>> = {
  negative_words: 'Negative words',
  anger: 'Angry words',
  complaint: 'Complains',
  asks_for_manager: 'Asks for a manager',
  threat_to_leave: 'Threatens to leave',
  abuse: 'Abusive words',
  repeated_contact: 'Called before about this',
  long_wait: 'Waited too long',
  nobody_helps: 'Feels that nobody helps',
  broken_promise: 'A promise was broken',
  repeated_request: 'Has to repeat the request',
  raised_voice: 'Raised voice',
  faster_speech: 'Speaks faster',
  talks_over: 'Talks over the agent',
  interrupted: 'Was interrupted',
  long_silence: 'Long silence',
  customer_thanks: 'Customer says thanks',
  agent_empathy: 'Agent shows understanding',
  agent_resolution: 'Agent offers a solution',
  holds_the_floor: 'Does not stop talking',
  open_cases: 'Has open cases',
  recent_contacts: 'Several contacts lately',
  unkept_promises: 'Promises on file not kept',
};

/** What was noticed, in words. */
export function cueWords(cue: string): string {
  const known = CUES[cue];
  if (known !== undefined) return known;
  const words = cue.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How much a reason weighed, in a word. */
export function weightWords(weight: number): string {
  if (weight < 0) return 'calms';
  return weight >= 1.2 ? 'strong' : weight >= 0.5 ? 'medium' : 'slight';
}

export function levelWord(level: Level): string {
  switch (level) {
    case Level.CALM: return 'Calm';
    case Level.WATCH: return 'Watch';
    case Level.ESCALATED: return 'Escalated';
    case Level.CRITICAL: return 'Critical';
    default: return 'Not scored';
  }
}

/** For class names and shapes. */
export function levelKey(level: Level): 'none' | 'calm' | 'watch' | 'escalated' | 'critical' {
  switch (level) {
    case Level.CALM: return 'calm';
    case Level.WATCH: return 'watch';
    case Level.ESCALATED: return 'escalated';
    case Level.CRITICAL: return 'critical';
    default: return 'none';
  }
}

export function roleWord(role: PartyRole): string {
  switch (role) {
    case PartyRole.CUSTOMER: return 'Customer';
    case PartyRole.AGENT: return 'Agent';
    case PartyRole.MIXED: return 'Both';
    default: return 'Unknown';
  }
}

export function stateWord(state: AlertState): string {
  switch (state) {
    case AlertState.OPEN: return 'Open';
    case AlertState.CLAIMED: return 'Claimed';
    case AlertState.ACKNOWLEDGED: return 'Acknowledged';
    case AlertState.RESOLVED: return 'Resolved';
    case AlertState.DISMISSED: return 'Dismissed';
    default: return 'Unknown';
  }
}

const CHANGES: Readonly<Partial<Record<AlertChange, string>>> = {
  [AlertChange.OPENED]: 'opened', [AlertChange.RAISED]: 'got worse', [AlertChange.CALMED]: 'calmed down', [AlertChange.CLAIMED]: 'claimed',
  [AlertChange.RELEASED]: 'given back', [AlertChange.ACKNOWLEDGED]: 'acknowledged', [AlertChange.RESOLVED]: 'resolved', [AlertChange.DISMISSED]: 'dismissed',
  [AlertChange.CALL_ENDED]: 'call ended', [AlertChange.ESCALATED]: 'passed on', [AlertChange.ANNOTATED]: 'noted', [AlertChange.UNSILENCED]: 'no longer silenced',
  [AlertChange.SHOWN]: 'seen',
};

export function changeWord(change: AlertChange): string {
  return CHANGES[change] ?? 'changed';
}

/** Risk as people read it: 0 to 100. */
export function percent(risk: number): string {
  return String(Math.round(Math.min(1, Math.max(0, risk)) * 100));
}

/** m:ss, or h:mm:ss. */
export function span(totalSeconds: number): string {
  const whole = Math.max(0, Math.floor(totalSeconds));
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60, rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A length of time in words: «40 s», «4 min», «2 h 10 min». */
export function spanWords(totalSeconds: number): string {
  const whole = Math.max(0, Math.round(totalSeconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** hh:mm:ss of this place. */
export function timeOfDay(at: number): string {
  const day = new Date(at);
  return [day.getHours(), day.getMinutes(), day.getSeconds()].map(part => String(part).padStart(2, '0')).join(':');
}

/** The strongest reason that speaks for escalation, in one line. */
export function topReason(score: Score | undefined): Reason | undefined {
  return score?.reasons.find(reason => reason.weight > 0) ?? score?.reasons[0];
}

/** A moment of the call, from its start. */
export function momentOf(reason: Reason): number {
  return seconds(reason.at);
}

export function trendWords(trend: number): string {
  const points = Math.round(Math.abs(trend) * 100);
  if (points < 3) return 'steady';
  return trend > 0 ? `rising ${points} in 20 s` : `falling ${points} in 20 s`;
}

export function sourceWord(source: string): string {
  return source === 'siprec' ? 'recorded copy (SIPREC)' : source === 'inline' ? 'through the appliance' : source;
}

/** Initials of a subject for a round mark. */
export function initials(subject: string): string {
  const parts = subject.split(/[\s._@-]+/).filter(part => part.length > 0);
  const letters = parts.length >= 2 ? parts[0]!.charAt(0) + parts[1]!.charAt(0) : subject.slice(0, 2);
  return letters.toUpperCase();
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
