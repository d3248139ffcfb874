import { AlertChange, type AlertEvent } from '../../gen/edgeassist/v1/alerts';
import { Level } from '../../gen/edgeassist/v1/common';
import { calls } from './alerts';
import { isQuiet, type Preferences } from './settings';
import { cueWords, levelWord, topReason } from './words';

/** Two notes that rise for an alert, three for a critical one, one soft one for a message or a prompt. Made here: no file is loaded. */
export class Chime {
  private context: AudioContext | undefined;

  /** Browsers let a page sound only after a hand was on it. */
  unlock(): void {
    this.context ??= new AudioContext();
    void this.context.resume();
  }

  play(kind: 'alert' | 'critical' | 'soft', volume: number): void {
    const context = this.context;
    if (context === undefined || context.state !== 'running' || volume <= 0) return;
    const notes = kind === 'critical' ? [659, 880, 1175] : kind === 'alert' ? [587, 784] : [523];
    notes.forEach((hertz, index) => {
      const at = context.currentTime + index * 0.16, tone = context.createOscillator(), loud = context.createGain();
      tone.type = 'sine';
      tone.frequency.value = hertz;
      loud.gain.setValueAtTime(0, at);
      loud.gain.linearRampToValueAtTime(volume * (kind === 'soft' ? 0.12 : 0.25), at + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
      tone.connect(loud).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    });
  }
}

/** What an alert asks of this desk now. */
export interface Summons {
  readonly sound: 'alert' | 'critical' | undefined;
  readonly notification: { readonly title: string; readonly body: string; readonly tag: string } | undefined;
}

/** Decides by preferences, quiet hours and level. A notification may lie on a locked screen: it names no customer and quotes nobody. */
export function summons(event: AlertEvent, late: boolean, own: string, settings: Preferences, at: Date): Summons {
  const alert = event.alert, nothing: Summons = { sound: undefined, notification: undefined };
  if (alert === undefined || late || !calls(event.change) || alert.level < settings.from || isQuiet(settings.quiet, at)) return nothing;
  if (alert.holder !== '' && alert.holder !== own) return nothing;
  if (event.change === AlertChange.ESCALATED && alert.assignedTo.length > 0 && !alert.assignedTo.includes(own)) return nothing;
  const reason = topReason(alert.score);
  return {
    sound: settings.sound ? (alert.level === Level.CRITICAL ? 'critical' : 'alert') : undefined,
    notification: settings.notify
      ? { title: `${levelWord(alert.level)}: ${alert.agent || 'a call'}${alert.team === '' ? '' : ` (${alert.team})`}`, body: reason === undefined ? '' : cueWords(reason.cue), tag: alert.alertId }
      : undefined,
  };
}
