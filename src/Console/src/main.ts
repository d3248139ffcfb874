import 'uplot/dist/uPlot.min.css';
import './design/console.css';
import './views/sign-in';
import './views/curve';
import './views/transcript';
import './views/history';
import './views/prompts';
import './views/supervision';
import './views/call';
import './views/wall';
import './views/panel';
import './views/past';
import './views/app';

// The worker keeps the shell; its address is the only script address this page may ever make.
if ('serviceWorker' in navigator) {
  const policy = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown } } })
    .trustedTypes?.createPolicy('edgeassist', { createScriptURL: url => { if (url !== '/sw.js') throw new TypeError(url); return url; } });
  navigator.serviceWorker.register((policy?.createScriptURL('/sw.js') ?? '/sw.js') as string).catch((error: unknown) => console.warn('The service worker could not be registered.', error));
}
