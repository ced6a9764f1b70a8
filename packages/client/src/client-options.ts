import type { Clock, Random } from '@goconnect/protocol/validators';
import type { OutboxOptions } from './operations/outbox.js';
import { memoryStorage } from './operations/outbox-storage.js';
import type { BackoffOptions } from './session/backoff.js';
import type { Lifecycle } from './session/lifecycle.js';
import type { HeartbeatOptions } from './session/session-state.js';
import type { TokenSource } from './session/token-keeper.js';
import type { TokenPair } from './session/token-life.js';
import type { TokenTransport } from './socket/dial-address.js';
import type { WebSocketConstructor } from './socket/socket.js';
import { senseless } from './support/goconnect-error.js';
import { cryptoRandom } from './support/random-id.js';
import { systemClock } from './support/system-clock.js';

/** Any of them; `undefined` is as good as absent. */
type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

export interface ClientOptions {
  /** `ws:` or `wss:` address of the endpoint. */
  readonly url: string;
  /** An access token (JWT), or a function that gives one whenever a fresh one is needed. Always of one user: what is queued would be sent as another. */
  readonly token: TokenSource;
  /** Told whenever `auth.refresh` gave a new pair, so that the application can keep it. What it rejects with is told as `error`. */
  readonly onTokens?: ((pair: TokenPair) => unknown) | undefined;
  /** Default `auto`: header on Node, query in browsers. `subprotocol` keeps it out of access logs (v1 servers only). */
  readonly tokenTransport?: TokenTransport | undefined;
  /**
   * A mutation written but unanswered when the line broke is sent again only to a server that knows repeats (`safe`, v1), else it
   * settles as `unknown_outcome` (A2.5). `always` repeats it everywhere: at least once, by your choice.
   */
  readonly resend?: 'safe' | 'always' | undefined;
  /** One attempt, token included, ms. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** A reply, counted from sending, ms. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Delay before each attempt, ms: `U(min, min(max, base * 2^n))`. There is no end of tries. Defaults 250, 500, 20,000. */
  readonly backoff?: Given<BackoffOptions> | undefined;
  /** Defaults: 25,000 ms (at least 1,000) after the last answer a ping, 10,000 ms for its answer, 2,000 ms after a wake-up. */
  readonly heartbeat?: Given<HeartbeatOptions> | undefined;
  readonly outbox?: Given<OutboxOptions> | undefined;
  /**
   * What becomes of inbound data that is not what the contract says. Of events: `strict` (default): not delivered, told through
   * `unknown`; `report`: delivered and told; `off`: delivered. Replies are refused when `strict`, else given as they came.
   */
  readonly validate?: 'strict' | 'report' | 'off' | undefined;
  /** Where wake-ups come from. Default `auto`: browser events and clock drift. React Native: an adapter. */
  readonly lifecycle?: 'auto' | Lifecycle | undefined;
  /** Gets one line per happening. Never a token or a body. */
  readonly logger?: { debug?(message: string): void } | undefined;
  /**
   * The WebSocket class. Default: the platform's in browsers, `ws` on Node. Looked up at each dial; without any, `connect()` rejects with
   * `invalid_payload`. Node's own has no way to cut a line: a peer that never answers a goodbye keeps the process alive after `close()`,
   * and it cannot send the token in a header.
   */
  readonly WebSocket?: WebSocketConstructor | undefined;
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1). Default: cryptographic. */
  readonly random?: Random | undefined;
}

/** The options with every default filled in. */
export type ClientOptionsInForce = {
  readonly [K in Exclude<keyof ClientOptions, 'WebSocket'>]-?: Exclude<ClientOptions[K], undefined>;
} & {
  readonly backoff: BackoffOptions;
  readonly heartbeat: HeartbeatOptions;
  readonly outbox: OutboxOptions;
  readonly WebSocket: WebSocketConstructor | undefined;
};

/** All options with their defaults; the reasons stand beside the options. */
const DEFAULTS = {
  url: undefined,
  token: undefined,
  onTokens() {},
  tokenTransport: 'auto',
  resend: 'safe',
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  backoff: { minMs: 250, baseMs: 500, maxMs: 20_000 },
  heartbeat: { idleMs: 25_000, timeoutMs: 10_000, probeMs: 2_000 },
  outbox: { maxOperations: 1_000, maxBytes: 4_194_304, ttlMs: 86_400_000 },
  validate: 'strict',
  lifecycle: 'auto',
  logger: {},
  WebSocket: undefined,
  clock: systemClock,
  random: cryptoRandom,
} as const;

const CHOICES = {
  tokenTransport: ['auto', 'header', 'query', 'subprotocol'],
  resend: ['safe', 'always'],
  validate: ['strict', 'report', 'off'],
} as const;
/** Options that hold options; every other object is a part, with the methods of the usual one at least. */
const GROUPS = /^(backoff|heartbeat|outbox)$/;
/** Sooner it would ask again before an answer can be there. */
const IDLE_LEAST_MS = 1_000;

/** Checks the options before any I/O. Throws `invalid_payload` naming the option and what it accepts. */
export function optionsInForce(given: ClientOptions): ClientOptionsInForce {
  const standard = { ...DEFAULTS, outbox: { storage: memoryStorage(), ...DEFAULTS.outbox } };
  // Each is of the kind of its default, or checked below.
  const options = filledIn(standard, given) as ClientOptionsInForce;
  const { url, token, lifecycle } = options;
  demand(isAddress(url), 'url', 'an absolute ws: or wss: address without a fragment');
  demand(
    typeof token === 'function' || (typeof token === 'string' && token !== ''),
    'token',
    'a string or a function',
  );
  demand(options.heartbeat.idleMs >= IDLE_LEAST_MS, 'heartbeat.idleMs', `${IDLE_LEAST_MS} or more`);
  for (const [name, choices] of Object.entries(CHOICES)) {
    const chosen: unknown = options[name as keyof typeof CHOICES];
    demand((choices as readonly unknown[]).includes(chosen), name, choices.join(' or '));
  }
  demand(
    lifecycle === 'auto' || typeof lifecycle?.subscribe === 'function',
    'lifecycle',
    'auto or an adapter',
  );
  return options;
}

/**
 * What was given in the place of what stands there by default, of whose kind it must be. An option given as `undefined` is not given;
 * one that there is not would do nothing.
 */
function filledIn(standard: object, given: unknown = {}, group = ''): object {
  demand(Object(given) === given, group || 'options', 'an object');
  const options: Record<string, unknown> = { ...standard };
  for (const [key, value] of Object.entries(given as object)) {
    const name = group ? `${group}.${key}` : key;
    demand(Object.hasOwn(standard, key), name, `one of ${Object.keys(standard).join(', ')}`);
    if (value !== undefined) options[key] = like(options[key], value, name);
  }
  return options;
}

function like(usual: unknown, value: unknown, name: string): unknown {
  const kind = typeof usual;
  if (GROUPS.test(name)) return filledIn(usual as object, value, name);
  if (kind === 'number') demand(typeof value === kind && (value as number) >= 0, name, 'a number, 0 or more');
  if (kind === 'function') demand(typeof value === kind, name, 'a function');
  if (kind === 'object') {
    demand(Object(value) === value, name, 'an object');
    for (const [key, method] of Object.entries(usual as object))
      like(method, (value as Record<string, unknown>)[key], `${name}.${key}`);
  }
  return value;
}

function isAddress(url: string): boolean {
  try {
    return /^wss?:\/\/[^/]/.test(url) && !new URL(url).href.includes('#');
  } catch {
    return false;
  }
}

function demand(holds: boolean, field: string, expected: string): void {
  if (!holds) throw senseless(field, `Option ${field} should be ${expected}`);
}
