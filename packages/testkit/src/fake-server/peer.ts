/** A connection as a fake server holds it, over memory or a real line alike. No method throws. */
export interface PeerSocket {
  send(text: string): void;
  sendBinary(data: Uint8Array): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Drops the connection: the client sees 1006. */
  terminate(): void;
  ping(): void;
}

export interface PeerEvents {
  readonly text: (data: string) => void;
  readonly binary: (data: Uint8Array) => void;
  /** Exactly once, whoever closed. */
  readonly closed: (code: number) => void;
}

/** A client at the door: it is answered once, by `accept` or `deny`. */
export interface Knock {
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  /** @param protocol one of those offered, or none */
  accept(protocol: string | undefined, events: PeerEvents): PeerSocket;
  deny(
    status: number,
    answer?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  ): void;
}

/** Where a fake server listens. */
export interface FakeTransport {
  /** `ws://…/v1/ws`, what a client dials. Known once it listens. */
  readonly url: string;
  listen(knock: (knock: Knock) => void): Promise<void> | void;
  /** Refuses connections until `listen` is called again, at the same address. */
  stop(): Promise<void> | void;
  close(): Promise<void> | void;
}
