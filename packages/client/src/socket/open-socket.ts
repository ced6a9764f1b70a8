import type { Clock } from '@goconnect/protocol/validators';
import type { DialAddress } from './dial-address.js';
import type { Answer } from './refusal.js';
import { isNode } from './resolve-web-socket.js';
import {
  BROKEN,
  MOVED,
  type Socket,
  type SocketEnd,
  type SocketOwner,
  type WebSocketConstructor,
  type WebSocketLike,
} from './socket.js';

/** How long a peer may take to say goodbye back before the socket is cut (only where it can be cut: `ws`). */
const GOODBYE_MS = 1_000;
const CLOSED = 3;
/** Most bytes of one message that `ws` accepts; its own default is 100 MiB. */
const MESSAGE_MAX = 16_777_216;
/** Where the part of an error begins that nobody is shown: a second line, a query, an offered token. */
const HIDDEN = /(\n|\?|bearer)[\s\S]*/;

/** What `ws` has beyond a browser's WebSocket. */
interface NodeExtras {
  terminate?(): void;
  on?(event: 'unexpected-response', listener: (request: unknown, response: Answer) => void): void;
}

/** Opens a WHATWG-like WebSocket. Throws what the constructor throws (a bad URL, a mixed-content block). */
export function openSocket(
  WebSocket: WebSocketConstructor,
  { url, protocols, headers }: DialAddress,
  owner: SocketOwner,
  clock: Clock,
): Socket {
  const raw: WebSocketLike & NodeExtras = headers
    ? new WebSocket(url, protocols, { headers, perMessageDeflate: false, maxPayload: MESSAGE_MAX })
    : new WebSocket(url, protocols);
  let listener: SocketOwner | undefined = owner;

  const end = (how: SocketEnd): void => {
    const told = listener;
    listener = undefined;
    told?.onEnd(how);
  };
  raw.onopen = () => {
    // From here on a `close` follows each error; before, undici fires an error and nothing else.
    raw.onerror = () => {};
    listener?.onOpen(raw.protocol);
  };
  raw.onerror = ({ message, error }: { message?: string; error?: { code?: string } }) => {
    // Of several addresses that were tried there is no message.
    const text = message || error?.code || message;
    const noSubprotocol = missingSubprotocol(text);
    // Absent where nothing is known: applications see it, by `explain()`.
    end({
      ...BROKEN,
      ...(text && { cause: text.replace(HIDDEN, '') }),
      ...(noSubprotocol && { noSubprotocol }),
    });
  };
  raw.onmessage = ({ data }: { data: unknown }) => {
    if (typeof data === 'string') listener?.onText(data);
  };
  raw.onclose = ({ code, reason }: { code: number; reason: string }) => end({ code, reason });
  raw.on?.('unexpected-response', async (_request, answer) => {
    const { statusCode: status, headers: fields } = answer;
    const seconds = Number(fields['retry-after']);
    // Only `ws` has more to read: bundles for browsers leave the module out (`browser` in package.json). Status and time do without it.
    const cause =
      answer.on && (await import('./refusal.js').then((it) => it.causeOf(answer)).catch(() => {}));
    end({
      ...BROKEN,
      ...(cause && { cause }),
      ...(status && { status }),
      ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
    });
    raw.terminate?.();
  });

  return {
    send: (text) => raw.send(text),
    get bufferedAmount() {
      return raw.bufferedAmount;
    },
    async close(code) {
      listener = undefined;
      raw.close(code);
      if (!raw.terminate || raw.readyState === CLOSED) return;
      await new Promise<void>((gone) => {
        const timer = clock.setTimeout(() => raw.terminate?.(), GOODBYE_MS);
        raw.onclose = () => {
          clock.clearTimeout(timer);
          gone();
        };
      });
    },
    drop() {
      listener = undefined;
      if (raw.terminate) raw.terminate();
      else raw.close(MOVED);
    },
  };
}

/**
 * What the error of a socket that never opened says about B1.1: `ws` speaks of a subprotocol, undici of protocols. What TLS says of its
 * own comes after a colon. Browsers hide the reason: no message, or an empty one.
 */
function missingSubprotocol(message: string | undefined): SocketEnd['noSubprotocol'] {
  if (message) return /^[^:]*protocol/i.test(message) ? 'certain' : undefined;
  return message === '' || !isNode() ? 'possible' : undefined;
}
