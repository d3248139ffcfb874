import { html, nothing } from 'lit';
import { desk } from '../state/desk';
import { Follows } from '../state/store';
import { View } from './view';

class SignIn extends View {
  static override properties = { busy: { state: true }, wrong: { state: true } };
  private busy = false;
  private wrong = '';

  constructor() {
    super();
    new Follows(this, desk.session);
  }

  override render(): unknown {
    const said = this.wrong || desk.session.farewell;
    return html`<main class="sign-in">
      <form class="card" @submit=${this.submit} autocomplete="off">
        <img src="/icon.svg" alt="" width="52" height="52">
        <h1>EdgeAssist</h1>
        <p class="muted">Live calls that need somebody, and help for those who take them.</p>
        ${said === '' ? nothing : html`<p class="banner bad" role="alert">${said}</p>`}
        <label class="field"><span>Access token</span>
          <input type="password" name="token" required autocomplete="off" spellcheck="false" aria-describedby="token-hint" ?disabled=${this.busy} autofocus></label>
        <p class="hint" id="token-hint">Made by <code>edgeassist token</code>, or by your identity provider. It stays in this tab and is gone when you close it.</p>
        <button class="button primary wide" ?disabled=${this.busy}>${this.busy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </main>`;
  }

  private submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const field = (event.target as HTMLFormElement).querySelector('input')!;
    desk.chime.unlock();
    [this.busy, this.wrong] = [true, ''];
    try {
      await desk.session.signIn(field.value);
    } catch (error) {
      this.wrong = error instanceof Error ? error.message : 'Signing in failed.';
    } finally {
      this.busy = false;
      field.value = '';
    }
    if (this.wrong !== '') {
      await this.updateComplete;
      field.focus();
    }
  };
}

customElements.define('ea-sign-in', SignIn);
