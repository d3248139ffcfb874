import { html } from 'lit';
import { Level } from '../../gen/edgeassist/v1/common';
import { desk } from '../state/desk';
import { isQuiet } from '../state/settings';
import { levelWord } from '../state/words';
import { tell } from './dialogs';

/** Preferences of this desk: they stay in this browser. */
export async function openSettings(): Promise<void> {
  const now = desk.settings.now;
  const flip = (name: 'wall' | 'sound' | 'keys') => (event: Event): void => desk.settings.change({ [name]: (event.target as HTMLInputElement).checked });
  const notify = async (event: Event): Promise<void> => {
    const box = event.target as HTMLInputElement;
    if (box.checked && typeof Notification !== 'undefined' && Notification.permission !== 'granted') await Notification.requestPermission();
    const allowed = typeof Notification !== 'undefined' && Notification.permission === 'granted';
    if (box.checked && !allowed) {
      box.checked = false;
      desk.say('The browser does not allow notifications for this address. Allow them in its settings and try again.', 'bad');
    }
    desk.settings.change({ notify: box.checked });
  };
  const quiet = (part: 'on' | 'from' | 'to') => (event: Event): void => {
    const input = event.target as HTMLInputElement;
    desk.settings.change({ quiet: { ...desk.settings.now.quiet, [part]: part === 'on' ? input.checked : input.value } });
  };
  await tell('Preferences', html`<div class="settings">
    <fieldset class="segments"><legend>Colours</legend>${(['auto', 'light', 'dark'] as const).map(theme => html`<label><input type="radio" name="theme" value=${theme}
      .checked=${now.theme === theme} @change=${() => desk.settings.change({ theme })}><span>${theme === 'auto' ? 'As the system' : theme === 'light' ? 'Light' : 'Dark'}</span></label>`)}</fieldset>
    <label class="check"><input type="checkbox" .checked=${now.wall} @change=${flip('wall')}><span>Large type, to be read across the room</span></label>
    <label class="check"><input type="checkbox" .checked=${now.keys} @change=${flip('keys')}><span>Single letters act as keys</span></label>
    <hr>
    <label class="check"><input type="checkbox" .checked=${now.sound} @change=${flip('sound')}><span>Sound</span></label>
    <label class="field"><span>Volume</span><input type="range" min="0" max="1" step="0.1" .value=${String(now.volume)} @change=${(event: Event) => {
      desk.settings.change({ volume: Number((event.target as HTMLInputElement).value) });
      desk.chime.play('alert', desk.settings.now.volume);
    }}></label>
    <label class="check"><input type="checkbox" .checked=${now.notify} @change=${(event: Event) => void notify(event)}><span>Notifications of the desktop</span></label>
    <label class="field"><span>Sound and notifications from</span><select @change=${(event: Event) => desk.settings.change({ from: Number((event.target as HTMLSelectElement).value) })}>
      ${[Level.ESCALATED, Level.CRITICAL].map(level => html`<option value=${level} ?selected=${now.from === level}>${levelWord(level)}</option>`)}</select></label>
    <fieldset class="quiet"><legend><label class="check"><input type="checkbox" .checked=${now.quiet.on} @change=${quiet('on')}><span>Quiet hours</span></label></legend>
      <label class="field"><span>From</span><input type="time" .value=${now.quiet.from} @change=${quiet('from')}></label>
      <label class="field"><span>To</span><input type="time" .value=${now.quiet.to} @change=${quiet('to')}></label>
      <p class="hint">${isQuiet(now.quiet, new Date()) ? 'It is quiet now.' : 'Alerts are still shown; they make no sound and no notification.'}</p></fieldset>
    <p class="hint">Kept in this browser, never sent.</p></div>`);
}
