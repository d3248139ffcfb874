/** What a key does: shown in the help, and run when nothing is being typed. */
export interface KeyAction {
  readonly keys: readonly string[];
  readonly does: string;
  run(event: KeyboardEvent): void;
  /** Not now; the key is left to the browser. */
  readonly when?: () => boolean;
}

export interface KeyGroup {
  readonly title: string;
  readonly actions: readonly KeyAction[];
}

const groups = new Map<string, KeyGroup>();

/** A view's keys, while it is on the screen. */
export function bind(owner: string, group: KeyGroup): void {
  groups.delete(owner);
  groups.set(owner, group);
}

export function unbind(owner: string): void {
  groups.delete(owner);
}

/** In the order in which views came: the newest first. */
export function bound(): KeyGroup[] {
  return [...groups.values()].reverse();
}

/** True where letters are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type)));
}

/** Finds whose key it is. Single letters act only while they are switched on, nothing is typed, and no dialog is open. */
export function press(event: KeyboardEvent, lettersAct: boolean): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return false;
  if (event.key !== 'Escape' && (isTyping(event.target) || (!lettersAct && event.key.length === 1))) return false;
  if ((event.key === 'Enter' || event.key === ' ') && event.target instanceof Element && event.target.closest('a,button,summary,input') !== null) return false;
  for (const group of bound()) {
    for (const action of group.actions) {
      if (!action.keys.includes(event.key) || action.when?.() === false) continue;
      event.preventDefault();
      action.run(event);
      return true;
    }
  }
  return false;
}
