import { Alert, AlertChange, AlertEvent, AlertState } from '../gen/edgeassist/v1/alerts';
import { Call, CallDetail, CallEvent, Transcript } from '../gen/edgeassist/v1/calls';
import { Level, PartyRole, Reason, Score } from '../gen/edgeassist/v1/common';

export const at = (ms: number): { seconds: number; nanos: number } => ({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 });
export const span = (seconds: number): { seconds: number; nanos: number } => ({ seconds: Math.floor(seconds), nanos: Math.round((seconds % 1) * 1e9) });
export const reason = (cue: string, moment: number, weight = 1.5, quote = '', role = PartyRole.CUSTOMER): Reason => Reason.create({ cue, weight, at: span(moment), quote, role });
export const score = (moment: number, risk: number, reasons: Reason[] = [], level = risk >= 0.8 ? Level.CRITICAL : risk >= 0.6 ? Level.ESCALATED : risk >= 0.3 ? Level.WATCH : Level.CALM): Score =>
  Score.create({ at: span(moment), risk, reasons, level });
export const words = (utterance: number, text: string, start: number, final = true, leg = 0): Transcript =>
  Transcript.create({ leg, role: leg === 0 ? PartyRole.CUSTOMER : PartyRole.AGENT, utterance, text, final, start: span(start), end: span(start + 2) });
export const call = (callId: string, part: Partial<Call> = {}): Call => Call.create({ callId, agent: `agent-${callId}`, team: 'billing', startedAt: at(1_000_000), ...part });
export const detail = (callId: string, part: Partial<CallDetail> = {}): CallDetail => CallDetail.create({ call: call(callId), ...part });
export const said = (callId: string, kind: CallEvent['kind']): CallEvent => CallEvent.create({ callId, kind, eventTime: at(2_000_000) });
export const alert = (alertId: string, part: Partial<Alert> = {}): Alert =>
  Alert.create({ alertId, callId: `call-${alertId}`, version: 1, state: AlertState.OPEN, level: Level.CRITICAL, agent: 'susan', team: 'billing', openedAt: at(1_000_000), ...part });
export const happened = (change: AlertChange, of: Alert, time = 2_000_000): AlertEvent => AlertEvent.create({ change, alert: of, eventTime: at(time), resumeToken: `t${of.version}` });
