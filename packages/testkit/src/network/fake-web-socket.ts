import { wrong } from '../support/rules.js';
import type { Denial } from './frame.js';
import { SocketEndpoint } from './socket-endpoint.js';
import { domException } from './socket-events.js';
import type { SocketVariant } from './socket-state.js';
import type { Wire, WireEnd } from './wire.js';

/** What a client asks for when it dials. */
export interface DialRequest {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** By lower-case name. Browsers cannot send any. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Options as Node's implementations take them: `ws` as a third argument, undici in place of the protocols. */
export interface DialOptions {
  readonly protocols?: string | string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A `WebSocket` class bound to a fake network. */
export interface FakeWebSocketConstructor {
  new (url: string | URL, protocols?: string | string[] | DialOptions, options?: DialOptions): SocketEndpoint;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

export interface WebSocketClassOptions {
  readonly variant: SocketVariant;
  readonly post: (task: () => void) => void;
  readonly dial: (end: WireEnd, request: DialRequest) => Wire;
}

/** RFC 9110 token: what a subprotocol's name may consist of. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

type DenialListener = (request: undefined, response: DeniedResponse) => void;

/** What of Node's `IncomingMessage` a client reads when its handshake was refused. */
interface DeniedResponse {
  readonly statusCode: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What only `ws` has: it tells what a refused handshake was answered with. */
class WsEndpoint extends SocketEndpoint {
  readonly #listeners: DenialListener[] = [];

  on(event: 'unexpected-response', listener: DenialListener): this {
    if (event !== 'unexpected-response')
      throw wrong(`The fake of ws has no event ${JSON.stringify(event)}.`, 'Use addEventListener() instead.');
    this.#listeners.push(listener);
    return this;
  }

  protected override denied({ status, headers = {} }: Denial): void {
    const response = { statusCode: status, headers: lowerCased(headers) };
    for (const listener of this.#listeners) listener(undefined, response);
  }
}

/** Makes the class that a client takes as its `WebSocket`. */
export function webSocketClass({ variant, post, dial }: WebSocketClassOptions): FakeWebSocketConstructor {
  return class WebSocket extends (variant === 'ws' ? WsEndpoint : SocketEndpoint) {
    constructor(url: string | URL, second?: string | string[] | DialOptions, third: DialOptions = {}) {
      const given = isOptions(second) ? second : { ...third, protocols: second ?? third.protocols ?? [] };
      const request = {
        url: socketUrl(url),
        protocols: protocolList(given.protocols),
        headers: lowerCased(given.headers),
      };
      const connect = (end: WireEnd) => dial(end, request);
      const offers = request.protocols.length > 0;
      super({ url: request.url.href, variant, post, state: { status: 'connecting', offers }, connect });
    }
  };
}

function isOptions(value: string | string[] | DialOptions | undefined): value is DialOptions {
  return typeof value === 'object' && !Array.isArray(value);
}

function socketUrl(given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  if (!url) throw domException('SyntaxError', `Invalid URL: ${String(given).slice(0, 80)}`);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw domException('SyntaxError', `The URL's scheme must be ws, wss, http or https, not ${url.protocol}`);
  }
  if (url.hash !== '') throw domException('SyntaxError', 'The URL must not contain a fragment.');
  return url;
}

function protocolList(given: string | string[] = []): readonly string[] {
  const protocols = typeof given === 'string' ? [given] : given;
  if (new Set(protocols.map((one) => one.toLowerCase())).size !== protocols.length) {
    throw domException('SyntaxError', 'The subprotocols must not repeat.');
  }
  for (const protocol of protocols) {
    // The name itself may be a token of the user: it is not repeated here.
    if (!TOKEN.test(protocol))
      throw domException('SyntaxError', 'A subprotocol is empty or has a character that is not allowed.');
  }
  return [...protocols];
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
