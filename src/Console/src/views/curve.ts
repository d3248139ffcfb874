import { html, nothing, type PropertyValues } from 'lit';
import uPlot from 'uplot';
import type { Gap } from '../../gen/edgeassist/v1/calls';
import { Level, type Score } from '../../gen/edgeassist/v1/common';
import { riskAt, type Moment } from '../state/curve';
import { percent, span } from '../state/words';
import { seconds } from '../wire/times';
import { View } from './view';

/** A moment somebody did something: claimed, a prompt, the outcome. */
export interface Mark {
  readonly at: number;
  readonly text: string;
}

/** The course of a call's risk, with the moments something was noticed. Pressing on it asks for the words of that moment. */
class Curve extends View {
  static override properties = { scores: { attribute: false }, moments: { attribute: false }, gaps: { attribute: false }, marks: { attribute: false }, until: { type: Number }, length: { type: Number }, theme: { type: String } };
  scores: readonly Score[] = [];
  moments: readonly Moment[] = [];
  gaps: readonly Gap[] = [];
  marks: readonly Mark[] = [];
  /** Seconds: the curve ends here, the rest is still to come in a replay. */
  until = Infinity;
  /** Seconds the axis is long at least. */
  length = 60;
  /** Its change means: read the colours again. */
  theme = '';
  private plot: uPlot | undefined;
  private sized: ResizeObserver | undefined;
  private media: MediaQueryList | undefined;

  constructor() {
    super();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sized?.disconnect();
    this.media?.removeEventListener('change', this.redo);
    this.plot?.destroy();
    [this.plot, this.sized] = [undefined, undefined];
  }

  override render(): unknown {
    const newest = this.scores.at(-1);
    return html`<div class="curve-box" role="img" aria-label=${newest === undefined ? 'No risk yet.'
      : `Risk over the call: now ${percent(newest.risk)} of 100, at most ${percent(this.scores.reduce((peak, score) => Math.max(peak, score.risk), 0))}. ${this.moments.length} moments were noticed; they are listed beside it.`}></div>
      ${newest === undefined ? html`<p class="curve-empty muted">The curve begins with the first scored words.</p>` : nothing}`;
  }

  protected override updated(changed: PropertyValues): void {
    const box = this.querySelector<HTMLElement>('.curve-box')!;
    if (this.plot === undefined || changed.has('theme')) this.make(box);
    else this.plot.setData(this.data());
  }

  private readonly redo = (): void => {
    const box = this.querySelector<HTMLElement>('.curve-box');
    if (box !== null) this.make(box);
  };

  private make(box: HTMLElement): void {
    this.plot?.destroy();
    const style = getComputedStyle(this), color = (name: string): string => style.getPropertyValue(name).trim();
    const font = `500 11px 'Inter Variable', system-ui, sans-serif`;
    const levels = ['none', 'calm', 'watch', 'escalated', 'critical'].map(name => color(`--${name}`));
    const axis = { stroke: color('--muted'), font, ticks: { show: false }, grid: { stroke: color('--hair'), width: 1 } };
    this.plot = new uPlot({
      width: Math.max(200, box.clientWidth), height: box.clientHeight || 168, padding: [14, 14, 0, 0], legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: () => [0, this.span()] }, y: { range: [0, 1] } },
      axes: [
        { ...axis, space: 70, size: 26, incrs: [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600], values: (_, ticks) => ticks.map(tick => span(tick)), grid: { show: false } },
        { ...axis, size: 34, splits: () => [0, 0.25, 0.5, 0.75, 1], values: (_, ticks) => ticks.map(tick => String(Math.round(tick * 100))) },
      ],
      series: [{}, { stroke: color('--ink'), width: 2, paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false }, fill: color('--curve-fill') },
        { stroke: color('--edge'), width: 1, dash: [3, 3], paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } }],
      hooks: {
        drawAxes: [plot => this.drawBack(plot, color('--hair'), color('--muted'), font)],
        draw: [plot => this.drawMoments(plot, levels, color('--panel'), color('--accent'), font, color('--accent-ink'))],
      },
    }, this.data(), box);
    box.onclick = event => this.press(event);
    if (this.sized === undefined) {
      this.sized = new ResizeObserver(() => this.plot?.setSize({ width: Math.max(200, box.clientWidth), height: box.clientHeight || 168 }));
      this.sized.observe(box);
      this.media = matchMedia('(prefers-color-scheme: dark)');
      this.media.addEventListener('change', this.redo);
    }
  }

  private span(): number {
    const end = Math.max(this.length, seconds(this.scores.at(-1)?.at));
    return Math.max(60, end);
  }

  // Told so far, and in a replay also how it goes on, faintly.
  private data(): uPlot.AlignedData {
    const replay = Number.isFinite(this.until), end = Math.max(this.length, seconds(this.scores.at(-1)?.at));
    const x = [...new Set([...this.scores.map(score => seconds(score.at)), ...(replay ? [this.until] : []), ...(this.scores.length > 0 ? [end] : [])])].sort((a, b) => a - b);
    const risk = x.map(at => riskAt(this.scores, at)?.risk ?? null);
    return [x, risk.map((value, index) => x[index]! <= this.until ? value : null), replay ? risk : x.map(() => null)];
  }

  // Where nothing was heard, and how long the replay has got.
  private drawBack(plot: uPlot, hair: string, muted: string, font: string): void {
    const { ctx, bbox } = plot, ratio = devicePixelRatio;
    ctx.save();
    ctx.fillStyle = hair;
    for (const gap of this.gaps) {
      const from = plot.valToPos(seconds(gap.from), 'x', true), to = plot.valToPos(seconds(gap.to), 'x', true);
      ctx.fillRect(from, bbox.top, Math.max(2 * ratio, to - from), bbox.height);
    }
    if (Number.isFinite(this.until)) {
      const at = plot.valToPos(this.until, 'x', true);
      ctx.strokeStyle = muted;
      ctx.lineWidth = ratio;
      ctx.setLineDash([4 * ratio, 4 * ratio]);
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.font = font;
    ctx.restore();
  }

  private drawMoments(plot: uPlot, levels: readonly string[], panel: string, accent: string, font: string, accentInk: string): void {
    const { ctx, bbox } = plot, ratio = devicePixelRatio;
    ctx.save();
    ctx.setLineDash([]);
    let taken = -Infinity;   // up to where the upper row of labels is taken
    for (const mark of [...this.marks].sort((a, b) => a.at - b.at)) {
      if (mark.at > this.until) continue;
      const x = plot.valToPos(mark.at, 'x', true);
      ctx.strokeStyle = ctx.fillStyle = accent;
      ctx.lineWidth = 1.5 * ratio;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.font = font.replace('11px', `${11 * ratio}px`);
      const width = ctx.measureText(mark.text).width + 10 * ratio, left = Math.min(x, bbox.left + bbox.width - width);
      const top = bbox.top + (left < taken ? 15 : -4) * ratio;
      if (left >= taken) taken = left + width + 2 * ratio;
      ctx.beginPath();
      ctx.roundRect(left, top, width, 17 * ratio, 4 * ratio);
      ctx.fill();
      ctx.fillStyle = accentInk;
      [ctx.textBaseline, ctx.textAlign] = ['middle', 'left'];
      ctx.fillText(mark.text, left + 5 * ratio, top + 9 * ratio);
    }
    for (const moment of this.moments) {
      if (moment.at > this.until) continue;
      const score = this.at(moment.at);
      const x = plot.valToPos(moment.at, 'x', true), y = plot.valToPos(score?.risk ?? 0, 'y', true), size = 4.5 * ratio;
      ctx.fillStyle = moment.reason.weight < 0 ? levels[Level.CALM]! : levels[score?.level ?? 0]!;
      ctx.strokeStyle = panel;
      ctx.lineWidth = 2 * ratio;
      ctx.beginPath();
      if (moment.reason.weight < 0) ctx.arc(x, y, size, 0, 7);   // what calms is round, what upsets is pointed
      else {
        ctx.moveTo(x, y - size * 1.3);
        ctx.lineTo(x + size * 1.2, y + size);
        ctx.lineTo(x - size * 1.2, y + size);
        ctx.closePath();
      }
      ctx.stroke();
      ctx.fill();
    }
    ctx.restore();
  }

  private at(moment: number): Score | undefined {
    return this.scores.findLast(score => seconds(score.at) <= moment + 0.25) ?? this.scores[0];
  }

  private press(event: MouseEvent): void {
    const plot = this.plot;
    if (plot === undefined) return;
    const box = plot.over.getBoundingClientRect(), at = plot.posToVal(event.clientX - box.left, 'x');
    this.dispatchEvent(new CustomEvent('moment', { detail: Math.max(0, at), bubbles: true }));
  }
}

customElements.define('ea-curve', Curve);
