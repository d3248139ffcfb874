import { html, nothing, type TemplateResult } from 'lit';
import { desk } from '../state/desk';
import { Follows } from '../state/store';
import { count, timeOfDay } from '../state/words';
import { tell } from './dialogs';
import { bind, bound, press } from './keys';
import { go, parse, type Route } from './route';
import { openSettings } from './settings';
import { icon, key, View } from './view';

/** The page: who is signed in, where one is, and how the connection stands. */
class App extends View {
  static override properties = { route: { state: true }, ready: { state: true } };
  private route: Route = { page: 'wall', callId: '' };
  private ready = false;

  constructor() {
    super();
    new Follows(this, desk, desk.session, desk.settings, desk.missed, desk.alerts, desk.calls, desk.help);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    desk.settings.apply();
    desk.session.subscribe(() => this.onSession());
    addEventListener('hashchange', () => this.onRoute());
    addEventListener('keydown', event => press(event, desk.settings.now.keys));
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => desk.chime.unlock(), { once: true });
    document.addEventListener('visibilitychange', () => document.hidden ? desk.missed.leave('hidden', Date.now()) : desk.missed.back('hidden', Date.now()));
    this.watchForOtherTabs();
    void desk.session.restore().finally(() => { this.ready = true; });
    bind('app', {
      title: 'Everywhere',
      actions: [
        { keys: ['?'], does: 'Show the keys', run: () => this.showHelp() },
        { keys: ['1'], does: 'The wall (agents: the panel)', run: () => go(desk.isAgent ? 'panel' : 'wall') },
        { keys: ['2'], does: 'Past calls', run: () => go('past') },
        { keys: ['p'], does: 'Preferences', run: () => void openSettings() },
        { keys: ['z'], does: 'Large type, to be read across the room', run: () => desk.settings.change({ wall: !desk.settings.now.wall }) },
        { keys: ['S'], does: 'Sound on or off (Shift + S)', run: () => this.toggleSound() },
      ],
    });
  }

  override render(): unknown {
    if (desk.session.principal === undefined) return this.ready ? html`<ea-sign-in></ea-sign-in>` : nothing;
    const blind = desk.alerts.blindness;
    return html`
      <a class="skip" href="#main" @click=${this.skip}>Skip to the calls</a>
      ${this.head()}
      ${blind === undefined ? nothing : html`<div class="banner bad" role="alert">${icon('blind')}<strong>EdgeAssist cannot see everything.</strong> <span>${blind.sentence}</span></div>`}
      ${this.connectionBanner()}
      ${desk.missed.note === undefined ? nothing : html`<div class="banner info" role="status">${icon('eye')}<span>${desk.missed.note.sentence}</span>
        <button class="button small" @click=${() => desk.missed.dismiss()}>Got it</button></div>`}
      ${desk.crowded ? html`<div class="banner info">${icon('help')}<span>Another tab of the console is open. Over plain HTTP a browser allows six connections to one address: close a tab, or use TLS.</span></div>` : nothing}
      <div id="main" class="page" tabindex="-1">
        ${this.route.page === 'panel' ? html`<ea-panel></ea-panel>` : this.route.page === 'past' ? html`<ea-past .callId=${this.route.callId}></ea-past>` : html`<ea-wall .callId=${this.route.callId}></ea-wall>`}
      </div>
      <div class="notices" role="status" aria-live="polite">${desk.notices.map(notice => html`<div class="notice ${notice.kind}"><span>${notice.text}</span>
        <button class="icon-button" aria-label="Close the notice" @click=${() => desk.unsay(notice.id)}>${icon('close')}</button></div>`)}</div>`;
  }

  private head(): TemplateResult {
    const principal = desk.session.principal!, connection = desk.connection, page = this.route.page;
    const link = (to: 'wall' | 'past' | 'panel', name: 'wall' | 'past', text: string, letter: string): TemplateResult =>
      html`<a class="tab" href="#/${to}" aria-current=${page === to ? 'page' : nothing}>${icon(name)}<span>${text}</span>${key(letter)}</a>`;
    return html`<header class="head">
      <span class="brand"><img src="/icon.svg" alt="" width="26" height="26"><span>EdgeAssist</span></span>
      <nav aria-label="Views">${desk.isAgent ? link('panel', 'wall', 'My call', '1') : link('wall', 'wall', 'Wall', '1')}${link('past', 'past', 'Past calls', '2')}</nav>
      <span class="grow"></span>
      <span class="pill ${connection.kind}" title=${connection.sentence} data-connection=${connection.kind}><i aria-hidden="true"></i><span>${connection.word}</span></span>
      <button class="icon-button" aria-pressed=${desk.settings.now.sound} aria-label="Sound" title="Sound (Shift + S)" @click=${() => this.toggleSound()}>${icon(desk.settings.now.sound ? 'sound' : 'mute')}</button>
      <button class="icon-button" aria-label="Keys" title="Keys (?)" @click=${() => this.showHelp()}>${icon('help')}</button>
      <button class="icon-button" aria-label="Preferences" title="Preferences (P)" @click=${() => void openSettings()}>${icon('gear')}</button>
      <span class="who" title="${principal.role}${principal.teams.length > 0 ? `, ${principal.teams.includes('*') ? 'all teams' : principal.teams.join(', ')}` : ''}"><strong>${principal.subject}</strong><small>${principal.role}</small></span>
      <button class="icon-button" aria-label="Sign out" title="Sign out" @click=${() => desk.session.signOut()}>${icon('out')}</button>
    </header>`;
  }

  private connectionBanner(): unknown {
    const connection = desk.connection;
    if (connection.kind === 'live' || connection.kind === 'connecting') return nothing;
    return html`<div class="banner ${connection.kind === 'refused' ? 'bad' : 'warn'}" role="status">${icon('blind')}<strong>${connection.word}.</strong> <span>${connection.sentence}</span></div>`;
  }

  private onSession(): void {
    if (desk.session.principal === undefined) desk.stop();
    else {
      desk.start();
      this.onRoute();
    }
    this.requestUpdate();
  }

  private onRoute(): void {
    this.route = parse(location.hash, desk.isAgent);
    const title = this.route.page === 'past' ? 'Past calls' : this.route.page === 'panel' ? 'My call' : 'Wall';
    document.title = `${title} · EdgeAssist`;
  }

  protected override updated(): void {
    if (desk.session.principal === undefined || desk.isAgent) return;
    const waiting = desk.alerts.waiting().length, title = this.route.page === 'past' ? 'Past calls' : 'Wall';
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · EdgeAssist`;
  }

  private toggleSound(): void {
    desk.settings.change({ sound: !desk.settings.now.sound });
    if (desk.settings.now.sound) desk.chime.play('soft', desk.settings.now.volume);
  }

  private showHelp(): void {
    void tell('Keys', html`<div class="keys">${bound().map(group => html`<section><h3>${group.title}</h3><dl>${group.actions.map(action =>
      html`<div><dt>${action.keys.map(letter => html`<kbd>${name(letter)}</kbd>`)}</dt><dd>${action.does}</dd></div>`)}</dl></section>`)}</div>
      <p class="hint">${desk.settings.now.keys ? 'Single letters can be switched off in the preferences.' : 'Single letters are switched off in the preferences.'}
      Server time ${timeOfDay(desk.clock.now())}; ${count(desk.calls.calls.size, 'call')} in sight.</p>`);
  }

  private skip = (event: Event): void => {
    event.preventDefault();
    this.querySelector<HTMLElement>('#main')?.focus();
  };

  // Six connections are shared by all tabs; with TLS they speak HTTP/2 and this does not matter.
  private watchForOtherTabs(): void {
    if (location.protocol === 'https:' || typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel('edgeassist-tabs');
    channel.onmessage = ({ data }: MessageEvent<string>) => {
      if (data === 'here?') channel.postMessage('here');
      desk.crowded = data !== 'gone';
      desk.touch();
    };
    channel.postMessage('here?');
    addEventListener('pagehide', () => channel.postMessage('gone'));
  }
}

function name(letter: string): string {
  return ({ ArrowDown: '↓', ArrowUp: '↑', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', ' ': 'Space' } as Record<string, string>)[letter] ?? (letter.length === 1 && letter >= 'A' && letter <= 'Z' ? `Shift ${letter}` : letter.length === 1 ? letter.toUpperCase() : letter);
}

customElements.define('ea-app', App);
