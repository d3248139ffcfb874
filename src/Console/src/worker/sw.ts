// Keeps the app's shell so that it opens at once and without a network. Nothing else: no answer of the appliance is ever kept,
// whatever its address; what is not in the shell's list goes to the network untouched.
export {};
declare const SHELL: string[];
declare const VERSION: string;

const worker = self as unknown as {
  addEventListener(kind: string, listener: (event: any) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; matchAll(options: object): Promise<{ focus(): Promise<unknown>; visibilityState: string }[]>; openWindow(url: string): Promise<unknown> };
  location: Location;
};
const cacheName = `shell-${VERSION}`;
const shell = new Set(SHELL);

worker.addEventListener('install', event => {
  event.waitUntil((async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(SHELL.map(path => new Request(path, { cache: 'reload', credentials: 'omit' })));
    await worker.skipWaiting();
  })());
});

worker.addEventListener('activate', event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
    await worker.clients.claim();
  })());
});

worker.addEventListener('fetch', event => {
  const request: Request = event.request, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || !shell.has(url.pathname)) return;
  // The page itself: the newest when the network answers. What has its hash in its name never changes.
  event.respondWith(url.pathname === '/' ? fetch(request).catch(async () => (await caches.match('/')) ?? Response.error()) : caches.match(url.pathname).then(kept => kept ?? fetch(request)));
});

worker.addEventListener('notificationclick', event => {
  event.notification.close();
  event.waitUntil((async () => {
    const windows = await worker.clients.matchAll({ type: 'window' });
    await (windows[0]?.focus() ?? worker.clients.openWindow('/'));
  })());
});
