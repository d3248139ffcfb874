import type { ReactiveController, ReactiveControllerHost } from 'lit';

const dirty = new Set<Store>();
let scheduled = false;

function flush(): void {
  scheduled = false;
  const now = [...dirty];
  dirty.clear();
  for (const store of now) store.tell();
}

/** Something views follow. However often it changes, they hear of it once a frame. */
export class Store {
  private readonly readers = new Set<() => void>();

  subscribe(reader: () => void): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }

  touch(): void {
    dirty.add(this);
    if (scheduled) return;
    scheduled = true;
    if (typeof requestAnimationFrame === 'function') requestAnimationFrame(flush);
    else queueMicrotask(flush);
  }

  tell(): void {
    for (const reader of this.readers) reader();
  }
}

/** Renders its element anew when one of the stores changed. */
export class Follows implements ReactiveController {
  private readonly stores: readonly Store[];
  private unsubscribe: (() => void)[] = [];

  constructor(private readonly host: ReactiveControllerHost, ...stores: Store[]) {
    this.stores = stores;
    host.addController(this);
  }

  hostConnected(): void {
    this.unsubscribe = this.stores.map(store => store.subscribe(() => this.host.requestUpdate()));
  }

  hostDisconnected(): void {
    for (const stop of this.unsubscribe) stop();
  }
}
