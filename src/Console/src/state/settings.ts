import { Level } from '../../gen/edgeassist/v1/common';
import { Store } from './store';

/** How this desk likes it. Kept in this browser, never sent. */
export interface Preferences {
  theme: 'auto' | 'light' | 'dark';
  /** Type to be read across a room. */
  wall: boolean;
  sound: boolean;
  /** 0 to 1. */
  volume: number;
  notify: boolean;
  /** Sounds and notifications from this level up. */
  from: Level;
  /** Keys without Ctrl or Alt act (WCAG 2.2, 2.1.4: they can be switched off). */
  keys: boolean;
  quiet: { on: boolean; from: string; to: string };
  transcript: boolean;
}

export const DEFAULTS: Preferences = {
  theme: 'auto', wall: false, sound: true, volume: 0.6, notify: false, from: Level.ESCALATED, keys: true, quiet: { on: false, from: '20:00', to: '07:00' }, transcript: false,
};

const KEY = 'edgeassist.settings';

/** True when a time of day lies in the quiet hours; they may go over midnight. */
export function isQuiet(quiet: Preferences['quiet'], at: Date): boolean {
  if (!quiet.on) return false;
  const now = at.getHours() * 60 + at.getMinutes(), from = minutes(quiet.from), to = minutes(quiet.to);
  if (from === undefined || to === undefined || from === to) return false;
  return from < to ? now >= from && now < to : now >= from || now < to;
}

function minutes(text: string): number | undefined {
  const parts = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (parts === null) return undefined;
  const [hours, rest] = [Number(parts[1]), Number(parts[2])];
  return hours < 24 && rest < 60 ? hours * 60 + rest : undefined;
}

/** What was kept, over the defaults; what does not fit is left out. */
export function read(kept: string | null): Preferences {
  if (kept === null) return { ...DEFAULTS };
  let said: unknown;
  try {
    said = JSON.parse(kept);
  } catch {
    return { ...DEFAULTS };
  }
  if (typeof said !== 'object' || said === null) return { ...DEFAULTS };
  const merged = { ...DEFAULTS } as Record<string, unknown>;
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    const value = (said as Record<string, unknown>)[name];
    if (typeof value === typeof standard && value !== null) merged[name] = typeof standard === 'object' ? { ...standard, ...value } : value;
  }
  return merged as unknown as Preferences;
}

export class Settings extends Store {
  private current = read(typeof localStorage === 'undefined' ? null : localStorage.getItem(KEY));

  get now(): Readonly<Preferences> {
    return this.current;
  }

  change(part: Partial<Preferences>): void {
    this.current = { ...this.current, ...part };
    localStorage.setItem(KEY, JSON.stringify(this.current));
    this.apply();
    this.touch();
  }

  /** Puts theme and type on the page. */
  apply(): void {
    const root = document.documentElement;
    if (this.current.theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = this.current.theme;
    root.classList.toggle('wall-type', this.current.wall);
  }
}
