/** Where one is, in the address's fragment: it is never sent to a server. */
export type Route =
  | { readonly page: 'wall'; readonly callId: string }
  | { readonly page: 'past'; readonly callId: string }
  | { readonly page: 'panel' };

export function parse(hash: string, isAgent: boolean): Route {
  const [page, callId = ''] = hash.replace(/^#\/?/, '').split('/');
  if (isAgent) return page === 'past' ? { page, callId } : { page: 'panel' };
  return page === 'past' ? { page, callId } : { page: 'wall', callId: page === 'wall' ? callId : '' };
}

export function go(page: 'wall' | 'past' | 'panel', callId = ''): void {
  const hash = callId === '' ? `#/${page}` : `#/${page}/${callId}`;
  if (location.hash !== hash) location.hash = hash;
}
