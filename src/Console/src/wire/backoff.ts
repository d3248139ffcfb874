/** Pauses between attempts: none first, then doubling from 250 ms to 10 s, up to half taken off so that consoles do not come back together. */
export class Backoff {
  private attempt = 0;

  constructor(private readonly random: () => number = Math.random) {}

  next(): number {
    const attempt = this.attempt++;
    return attempt === 0 ? 0 : Math.min(10_000, 250 * 2 ** (attempt - 1)) * (1 - 0.5 * this.random());
  }

  succeeded(): void {
    this.attempt = 0;
  }
}
