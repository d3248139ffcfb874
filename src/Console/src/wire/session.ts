import { Store } from '../state/store';

export type Role = 'agent' | 'supervisor' | 'admin';

/** Who is signed in, as the appliance says it. */
export interface Principal {
  readonly subject: string;
  readonly role: Role;
  readonly teams: readonly string[];
  /** May see the customer's number and names. */
  readonly personal: boolean;
  readonly expiresAt: number;
}

const KEY = 'edgeassist.token';

/** The access token and whose it is. It lives in this tab's session storage alone, travels in a header, and is in no address. */
export class Session extends Store {
  principal: Principal | undefined;
  /** Why nobody is signed in any more; empty when nobody was. */
  farewell = '';
  private secret = '';

  get token(): string {
    return this.secret;
  }

  /** Signs in again after a reload of the tab. */
  async restore(): Promise<void> {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null) await this.signIn(kept).catch((error: unknown) => this.signOut(error instanceof Error ? error.message : ''));
  }

  /** @throws With a sentence for people. */
  async signIn(token: string): Promise<void> {
    const trimmed = token.trim();
    // A pasted token may have taken something along; a header takes visible ASCII alone.
    if (!/^[\x21-\x7e]+$/.test(trimmed)) throw new Error('That is not an access token: it has no spaces and no special characters.');
    let answer: Response;
    try {
      answer = await fetch('/session', { headers: { authorization: `Bearer ${trimmed}` }, cache: 'no-store' });
    } catch {
      throw new Error('The appliance cannot be reached. Check the network and try again.');
    }
    if (answer.status === 401) throw new Error('The token was not accepted: it has expired, or it was made by another appliance.');
    if (!answer.ok) throw new Error(`The appliance answered ${answer.status}. Try again.`);
    const said = await answer.json() as { subject: string; role: string; teams: string[]; personal: boolean; expiresAt: string };
    if (said.role !== 'agent' && said.role !== 'supervisor' && said.role !== 'admin') throw new Error('This token is for a part of the product, not for a person.');
    this.secret = trimmed;
    sessionStorage.setItem(KEY, trimmed);
    this.principal = { subject: said.subject, role: said.role, teams: said.teams, personal: said.personal, expiresAt: Date.parse(said.expiresAt) };
    this.farewell = '';
    this.touch();
  }

  signOut(why = ''): void {
    if (this.principal === undefined && this.secret === '' && why === this.farewell) return;
    sessionStorage.removeItem(KEY);
    this.secret = '';
    this.principal = undefined;
    this.farewell = why;
    this.touch();
  }
}
