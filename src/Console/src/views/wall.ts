import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Alert } from '../../gen/edgeassist/v1/alerts';
import { Level } from '../../gen/edgeassist/v1/common';
import { waitsSince } from '../state/alerts';
import { desk } from '../state/desk';
import { Follows } from '../state/store';
import { hold, rows, visible, type WallRow } from '../state/wall';
import { count, cueWords, initials, percent, span, topReason, trendWords } from '../state/words';
import { explain } from '../wire/failure';
import { bind, unbind } from './keys';
import { go } from './route';
import { glyph, icon, key, spark, View } from './view';

const HELD_FOR = 1_500;

/** The supervisor's wall: live calls, the most urgent first, and the one that is open beside them. */
class WallView extends View {
  static override properties = { callId: { type: String }, filter: { state: true } };
  callId = '';
  private filter = '';
  private shown: WallRow[] = [];
  private focused = '';
  private movedAt = -Infinity;
  private listTop = 0;
  private listHeight = 800;
  private rowHeight = 76;
  private sized: ResizeObserver | undefined;
  private reported = new Set<string>();

  constructor() {
    super();
    new Follows(this, desk, desk.calls, desk.alerts, desk.second, desk.settings);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    bind('wall', {
      title: 'Wall',
      actions: [
        { keys: ['j', 'ArrowDown'], does: 'Next call', run: () => this.step(1) },
        { keys: ['k', 'ArrowUp'], does: 'Call before', run: () => this.step(-1) },
        { keys: ['Enter', 'o'], does: 'Open the call', run: () => go('wall', this.focused || (this.shown[0]?.callId ?? '')), when: () => this.shown.length > 0 && this.callId === '' },
        { keys: ['u'], does: 'Open the one that waits longest', run: () => this.openMostUrgent() },
        { keys: ['/'], does: 'Filter by agent or team', run: () => this.querySelector<HTMLInputElement>('.filter input')?.focus() },
        { keys: ['Escape'], does: 'Close the call', run: () => this.leave(), when: () => this.callId !== '' || this.filter !== '' },
      ],
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    unbind('wall');
    this.sized?.disconnect();
    this.sized = undefined;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('callId') && this.callId !== '') this.focused = this.callId;
    const all = rows(desk.wall, desk.calls.calls, callId => desk.alerts.ofCall(callId)).filter(row => this.isWanted(row));
    // No line moves from under a hand that is about to press it.
    this.shown = performance.now() - this.movedAt < HELD_FOR ? hold(this.shown.map(row => row.callId), all) : all;
  }

  override render(): unknown {
    const live = this.shown.filter(row => row.endedAt === undefined), hot = live.filter(row => row.level >= Level.ESCALATED).length;
    const waiting = desk.alerts.waiting();
    return html`
      ${this.strip(waiting)}
      <main class="wall ${this.callId === '' ? '' : 'with-call'}">
        <section class="list-pane" aria-label="Live calls">
          <div class="list-head">
            <h1>Live calls</h1>
            <p class="muted">${count(live.length, 'call')}${hot > 0 ? html`, <strong>${hot} need${hot === 1 ? 's' : ''} somebody</strong>` : ''}${desk.wall === undefined ? '' : html` · ${count(desk.wall.freeSupervisors, 'supervisor')} free`}</p>
            <label class="filter"><span class="hidden">Filter by agent or team</span><input type="search" placeholder="Filter" .value=${this.filter}
              @input=${(event: Event) => { this.filter = (event.target as HTMLInputElement).value; }}>${key('/')}</label>
          </div>
          <div class="list" @scroll=${this.onScroll} @pointermove=${() => { this.movedAt = performance.now(); }} @pointerleave=${() => { this.movedAt = -Infinity; }}>
            ${this.shown.length === 0 ? this.empty() : this.list()}
          </div>
        </section>
        ${this.callId === '' ? nothing : html`<ea-call .callId=${this.callId}></ea-call>`}
      </main>`;
  }

  protected override updated(): void {
    const list = this.querySelector<HTMLElement>('.list');
    if (list !== null && this.sized === undefined) {
      this.sized = new ResizeObserver(() => this.measure());
      this.sized.observe(list);
    }
    this.report();
  }

  private strip(waiting: readonly Alert[]): TemplateResult {
    const most = 6;
    return html`<section class="strip ${waiting.length > 0 ? 'hot' : ''}" aria-label="Alerts that wait">
      <p class="strip-count" role="status">${waiting.length === 0 ? html`${icon('check')}<span>No alert waits for anybody.</span>` : html`<strong>${waiting.length}</strong><span>${waiting.length === 1 ? 'alert waits' : 'alerts wait'}</span>`}</p>
      <ul>${repeat(waiting.slice(0, most), alert => alert.alertId, alert => {
        const reason = topReason(alert.score);
        return html`<li><a class="alert-chip" href="#/wall/${alert.callId}">
          ${glyph(alert.level)}<span class="chip-who">${alert.agent || 'Unknown agent'}</span><span class="chip-why">${reason === undefined ? '' : cueWords(reason.cue)}</span><span class="chip-wait"><span class="hidden">waits </span>${span(desk.since(waitsSince(alert)!))}</span></a></li>`;
      })}</ul>
      ${waiting.length > most ? html`<span class="muted">and ${waiting.length - most} more</span>` : nothing}
    </section>`;
  }

  private list(): TemplateResult {
    const { first, last } = visible(this.listTop, this.listHeight, this.rowHeight, this.shown.length);
    const drawn = this.shown.slice(first, last + 1).map((row, index) => ({ row, index: first + index }));
    const apart = this.shown.findIndex(row => row.callId === this.focused);
    if (apart >= 0 && (apart < first || apart > last)) drawn.push({ row: this.shown[apart]!, index: apart });   // the focus stays in the page
    return html`<ol class="rows" aria-label="Most urgent first">${repeat(drawn, each => each.row.callId, each => this.line(each.row, each.index))}<li class="room" aria-hidden="true" .style=${`--index:${this.shown.length}`}></li></ol>`;
  }

  private line(row: WallRow, index: number): TemplateResult {
    const now = desk.clock.now(), waits = row.waitingSince === undefined ? 0 : (now - row.waitingSince) / 1000, own = row.holder === desk.session.principal?.subject;
    const current = row.callId === this.callId;
    return html`<li aria-setsize=${this.shown.length} aria-posinset=${index + 1} .style=${`--index:${index}`}>
      <a class="row ${row.endedAt === undefined ? '' : 'ended'} ${own ? 'own' : ''}" href="#/wall/${row.callId}" data-call=${row.callId} aria-current=${current ? 'true' : nothing}
        tabindex=${(this.focused === '' ? index === 0 : row.callId === this.focused) ? 0 : -1} @focus=${() => { this.focused = row.callId; }}>
        ${glyph(row.level, 'large')}
        <span class="row-main">
          <span class="row-who"><strong>${row.agent || 'Unknown agent'}</strong>${row.team === '' ? '' : html`<span class="tag">${row.team}</span>`}${row.customer === '' ? '' : html`<span class="muted">${row.customer}</span>`}</span>
          <span class="row-why">${row.endedAt !== undefined ? 'Call ended' : row.reason === undefined ? html`<span class="muted">${row.risk === undefined ? 'Listening…' : 'Nothing noticed'}</span>`
            : html`<b>${cueWords(row.reason.cue)}</b>${row.reason.quote === '' ? '' : html` <q>${row.reason.quote}</q>`}`}</span>
        </span>
        <span class="row-spark">${spark(row.scores, row.level)}</span>
        <span class="row-risk"><span class="hidden">risk </span><b>${row.risk === undefined ? '–' : percent(row.risk)}</b>${row.risk === undefined ? nothing : html`<span class="row-trend">${Math.abs(row.trend) < 0.03 ? nothing : icon(row.trend > 0 ? 'up' : 'down')}<span class="hidden">${trendWords(row.trend)}</span></span>`}</span>
        <span class="row-wait">${row.holder !== '' ? html`<span class="holder" title="Held by ${row.holder}"><i>${initials(row.holder)}</i>${own ? 'you' : row.holder}</span>`
          : waits > 0 ? html`<b class=${row.starving ? 'starving' : ''}>${span(waits)}</b><small>${row.starving ? 'too long' : 'waiting'}</small>` : html`<small>${span((now - row.startedAt) / 1000)}</small>`}</span>
      </a></li>`;
  }

  private empty(): TemplateResult {
    if (this.filter !== '') return html`<div class="empty"><h2>No call fits «${this.filter}»</h2><p>The filter looks at agents and teams.</p><button class="button" @click=${() => { this.filter = ''; }}>Show all calls</button></div>`;
    if (desk.connection.kind !== 'live') return html`<div class="empty"><h2>Connecting…</h2><p>Fetching how things stand.</p></div>`;
    return html`<div class="empty"><img src="/icon.svg" alt="" width="56" height="56"><h2>All quiet</h2><p>No call is under way in your teams. The next one shows up here by itself.</p></div>`;
  }

  private isWanted(row: WallRow): boolean {
    const wanted = this.filter.trim().toLowerCase();
    return wanted === '' || `${row.agent} ${row.team} ${row.holder}`.toLowerCase().includes(wanted);
  }

  private step(by: number): void {
    if (this.shown.length === 0) return;
    const at = this.shown.findIndex(row => row.callId === this.focused);
    const next = this.shown[Math.min(this.shown.length - 1, Math.max(0, at < 0 ? 0 : at + by))]!;
    this.focused = next.callId;
    const index = this.shown.indexOf(next), list = this.querySelector<HTMLElement>('.list')!;
    if (index * this.rowHeight < list.scrollTop) list.scrollTop = index * this.rowHeight;
    else if ((index + 1) * this.rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = (index + 1) * this.rowHeight - list.clientHeight;
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`a[data-call="${next.callId}"]`)?.focus({ preventScroll: true }));
    if (this.callId !== '') go('wall', next.callId);
  }

  private openMostUrgent(): void {
    const alert = desk.alerts.waiting()[0];
    const callId = alert?.callId ?? this.shown[0]?.callId;
    if (callId !== undefined) go('wall', callId);
  }

  private leave(): void {
    if (this.callId === '') {
      this.filter = '';
      return;
    }
    const callId = this.callId;
    go('wall');
    void this.updateComplete.then(() => requestAnimationFrame(() => this.querySelector<HTMLElement>(`a[data-call="${callId}"]`)?.focus()));
  }

  private onScroll = (event: Event): void => {
    this.listTop = (event.target as HTMLElement).scrollTop;
    this.requestUpdate();
  };

  private measure(): void {
    const list = this.querySelector<HTMLElement>('.list');
    if (list === null) return;
    this.listHeight = list.clientHeight;
    this.rowHeight = parseFloat(getComputedStyle(list).getPropertyValue('--row')) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.requestUpdate();
  }

  // An alert that a line or a chip of the visible page shows was shown: the appliance keeps who saw what.
  private report(): void {
    if (document.hidden) return;
    const news = desk.alerts.waiting().filter(alert => !this.reported.has(alert.alertId)).slice(0, 100);
    if (news.length === 0) return;
    for (const alert of news) this.reported.add(alert.alertId);
    desk.appliance.alerts.markShown({ alertIds: news.map(alert => alert.alertId) }).response.then(undefined, (error: unknown) => {
      // Lost on the way: said again with the next news. Refused: the alert is gone, there is nothing to report.
      if (explain(error).kind === 'retry') for (const alert of news) this.reported.delete(alert.alertId);
    });
  }
}

customElements.define('ea-wall', WallView);
