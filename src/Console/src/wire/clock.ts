const KEPT = 12;

/** The server's clock as seen from here: its offset, from the moments it puts into streams. */
export class ServerClock {
  private offsets: number[] = [];

  /** Milliseconds to add to our own clock. */
  get offset(): number {
    // A moment is stamped before it travels: every sample is too low by its way, so the highest of the last is the best.
    return this.offsets.length === 0 ? 0 : Math.max(...this.offsets);
  }

  observe(serverMs: number, receivedMs: number): void {
    this.offsets.push(serverMs - receivedMs);
    if (this.offsets.length > KEPT) this.offsets.shift();
  }

  /** Milliseconds since 1970 by the server's clock. */
  now(ownMs: number = Date.now()): number {
    return ownMs + this.offset;
  }
}
