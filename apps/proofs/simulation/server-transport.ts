import type { TimerHandle } from '@goconnect/protocol';
import {
  type ConnectionInbound,
  decideUpgrade,
  type Gateway,
  type Logger,
  readUpgradeRequest,
  type ServerSocket,
  V1_PROTOCOL,
} from '@goconnect/server/core';
import type { ServerSocket as Endpoint, Upgrade } from '@goconnect/testkit';
import type { MortalClock } from './mortal-clock.js';
import type { PlainTokens } from './tokens.js';

export interface TransportDeps {
  readonly life: MortalClock;
  readonly gateway: Gateway;
  readonly tokens: PlainTokens;
  readonly logger: Logger;
  /** `base`: neither subprotocols nor `client_id` are heard of, as by the published server. */
  readonly contract: 'base' | 'v1';
  /** What the process sends passes here; a planted bug changes it. */
  readonly outbound: (text: string, connection: number) => readonly string[];
  readonly inbound: (text: string, connection: number) => readonly string[];
  /** Hears all that goes out. */
  readonly said: (text: string, connection: number) => void;
}

/** A connection as the server has it. */
export interface ServerSide {
  readonly endpoint: Endpoint;
  /** When the client last gave a sign of life, by the server's monotonic clock. */
  lastLife: number;
  /** When the server began to close it: from then on it only waits for the answer. */
  closingSince?: number;
  /** Waits for the network to take what was written. */
  unflushed?: TimerHandle;
}

/** Stands between the network in memory and the gateway, as the `ws` transport stands between TCP and it. */
export class ServerTransport {
  readonly #deciding = new Set<Promise<void>>();
  readonly connections = new Map<number, ServerSide>();
  readonly #deps: TransportDeps;

  constructor(deps: TransportDeps) {
    this.#deps = deps;
  }

  take(upgrade: Upgrade): void {
    const { life, gateway, tokens, logger, contract } = this.#deps;
    const offered = contract === 'v1' ? upgrade.protocols : [];
    const asked = new URL(upgrade.url);
    if (contract === 'base') asked.searchParams.delete('client_id');
    const request = readUpgradeRequest({
      url: `${asked.pathname}${asked.search}`,
      headers: { ...upgrade.headers, 'sec-websocket-protocol': offered.join(', ') },
    });
    const protocol = request.dialect === 'v1' ? V1_PROTOCOL : '';
    const deciding = decideUpgrade({ gateway, tokens, clock: life, logger, allowedOrigins: [] }, request, {
      key: 'simulated',
      limited: false,
    }).then((decision) => {
      if (!life.alive) return;
      if (decision.kind === 'admitted') {
        const endpoint = upgrade.accept(protocol);
        // The client may have gone while it was decided.
        if (endpoint.readyState === endpoint.CLOSED) decision.admitted.abandon();
        else this.#open(upgrade.connection, endpoint, (socket) => decision.admitted.open(socket));
        return;
      }
      const { close, status } = decision.refusal;
      if (close && protocol !== '') upgrade.accept(protocol).close(close.code, close.reason);
      else upgrade.deny(status);
    });
    this.#deciding.add(deciding);
    void deciding.finally(() => this.#deciding.delete(deciding));
  }

  /** Nobody waits to be let in. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#deciding);
  }

  #open(number: number, endpoint: Endpoint, enter: (socket: ServerSocket) => ConnectionInbound): void {
    const { life } = this.#deps;
    const side: ServerSide = { endpoint, lastLife: life.monotonic() };
    this.connections.set(number, side);
    const inbound = enter(this.#socket(number, side));
    const heard = () => {
      side.lastLife = life.monotonic();
    };
    endpoint.onmessage = ({ data }) => {
      if (!life.alive || typeof data !== 'string') return;
      heard();
      for (const text of this.#deps.inbound(data, number)) inbound.text(text);
    };
    endpoint.onpong = () => {
      if (!life.alive) return;
      heard();
      inbound.alive();
    };
    endpoint.onclose = ({ code }) => {
      this.connections.delete(number);
      life.clearTimeout(side.unflushed);
      if (life.alive) inbound.closed(code);
    };
  }

  #socket(number: number, side: ServerSide): ServerSocket {
    const { life } = this.#deps;
    const { endpoint } = side;
    return {
      write: (frames, flushed) => {
        if (endpoint.readyState !== endpoint.OPEN) return 'under_way';
        for (const frame of frames) {
          for (const text of textsOf(frame)) {
            for (const sent of this.#deps.outbound(text, number)) {
              this.#deps.said(sent, number);
              endpoint.send(sent);
            }
          }
        }
        this.#whenFlushed(side, flushed, 25);
        return 'under_way';
      },
      // The network in memory has no backpressure towards the client.
      pause() {},
      resume() {},
      ping: () => endpoint.ping(),
      close: (code, reason) => {
        side.closingSince ??= life.monotonic();
        endpoint.close(code, reason);
      },
      terminate: () => {
        life.clearTimeout(side.unflushed);
        endpoint.terminate();
      },
    };
  }

  /** What is past the buffers of the network has not been taken by the operating system. */
  #whenFlushed(side: ServerSide, flushed: () => void, againMs: number): void {
    const { life } = this.#deps;
    const { endpoint } = side;
    life.post(() => {
      if (endpoint.readyState !== endpoint.OPEN) return;
      const again = () => this.#whenFlushed(side, flushed, Math.min(1_000, 2 * againMs));
      if (endpoint.bufferedAmount === 0) flushed();
      else side.unflushed = life.setTimeout(again, againMs);
    });
  }
}

/** The texts in a buffer of whole, unmasked text frames (RFC 6455 5.2). */
function textsOf(buffer: Uint8Array): readonly string[] {
  const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
    texts.push(bytes.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
}
