/** What lets somebody into a network: which one, and the token that opens it. */
export interface Invitation {
  readonly networkId: string;
  readonly token: string;
}

/** In the fragment, which browsers send to no server: the token is in no access log. */
export function invitationLink(origin: string, { networkId, token }: Invitation): string {
  return `${origin}/#join=${networkId}.${token}`;
}

/** Reads a link, its fragment, or what stands after `join=`. */
export function readInvitation(text: string): Invitation | undefined {
  const [, networkId, token] = /(?:^|[#=])([\w-]{1,64})\.([\w.~+/=-]{1,4096})$/.exec(text.trim()) ?? [];
  return networkId === undefined || token === undefined ? undefined : { networkId, token };
}
