import { CLOSE_CODES } from '@goconnect/protocol/validators';
import { TestkitError } from '../../support/testkit-error.js';
import { redact } from '../redact.js';
import { upgradeOf, V1 } from './server-env.js';
import type { ConformanceUser, ServerTarget } from './server-target.js';
import { WireClient } from './wire-client.js';
import { wsDial } from './ws-dial.js';

const REFUSED_TOKEN: ReadonlySet<number> = new Set([CLOSE_CODES.token_expired, CLOSE_CODES.token_invalid]);
/** The first answer of a server that has just started may take its time. */
const FIRST_MS = 10_000;
/** How a server that let somebody in answers to a goodbye is not judged here. */
const GOODBYE_MS = 2_000;

type Answer =
  | { readonly kind: 'open'; readonly protocol: string }
  /** `silence`: something takes the connection and says nothing; it would take another offer no better. */
  | { readonly kind: 'token' | 'no_websocket' | 'nothing' | 'silence'; readonly why: string };

/**
 * Looks at what no case could judge: that a server answers, and lets in whom it was given. Resolves with whether it selects the
 * session extension.
 *
 * @throws `TestkitError` with code `bad_argument` when there are no two users, `server_unreachable` when nothing answers or a
 * token is refused
 */
export async function preflight(target: ServerTarget, signal?: AbortSignal): Promise<boolean> {
  const { users, foreigner, moderator } = target;
  const [one, two] = users;
  if (!one || !two)
    throw new TestkitError('bad_argument', 'Cases need two users.', 'Give two of one tenant.');
  if (one.token === two.token || (one.id === two.id && one.id !== 'unknown')) {
    throw new TestkitError(
      'bad_argument',
      `Both users are ${JSON.stringify(one.id)}.`,
      'Give two different users of one tenant.',
    );
  }
  const v1 = await speaksV1(target, one, signal);
  const others = { 'second token': two, 'foreign token': foreigner, "moderator's token": moderator };
  for (const [name, user] of Object.entries(others)) {
    const answer = user && (await knock(target, user, v1, signal));
    if (answer && answer.kind !== 'open') throw unreachable(`The ${name} is refused`, target.url, answer.why);
  }
  return v1;
}

async function speaksV1(
  target: ServerTarget,
  user: ConformanceUser,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const offered = await knock(target, user, true, signal);
  if (offered.kind === 'open') return offered.protocol === V1;
  // A server may know nothing of subprotocols and refuse all of them, or select none: then the library gives the connection up.
  const again = offered.kind === 'no_websocket' || offered.kind === 'nothing';
  const answer = again ? await knock(target, user, false, signal) : offered;
  if (answer.kind === 'open') return false;
  if (answer.kind === 'nothing' || answer.kind === 'silence')
    throw unreachable('Nothing answers', target.url, answer.why);
  if (answer.kind === 'token') throw unreachable('The first token is refused', target.url, answer.why);
  throw unreachable('There is no WebSocket', target.url, answer.why);
}

/** Connects, leaves again and says how far it came. */
async function knock(
  target: ServerTarget,
  user: ConformanceUser,
  v1: boolean,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { url, dial = wsDial, hidesStatus = target.dial !== undefined, deadlineMs = 0 } = target;
  signal?.throwIfAborted();
  const client = new WireClient(dial, upgradeOf(url, user, { v1 }), Math.max(deadlineMs, FIRST_MS));
  const stop = () => client.terminate();
  signal?.addEventListener('abort', stop);
  try {
    return await answerOf(client, hidesStatus);
  } finally {
    signal?.removeEventListener('abort', stop);
    // Whatever became of it, nothing of it is left.
    client.terminate();
    // What was answered then says nothing of the server.
    signal?.throwIfAborted();
  }
}

async function answerOf(client: WireClient, hidesStatus: boolean): Promise<Answer> {
  const opening = await client
    .opening()
    .catch((cause: unknown) => (cause instanceof Error ? cause.message : String(cause)));
  if (typeof opening === 'string') return { kind: 'silence', why: opening };
  if (opening.kind === 'refused') {
    const { status, body } = opening.refusal;
    if (status === undefined && !hidesStatus) return { kind: 'nothing', why: body };
    const why = `the upgrade was refused with status ${status ?? 'unknown'}${body === '' ? '' : `, ${body}`}`;
    return { kind: status === 401 ? 'token' : 'no_websocket', why };
  }
  const { code } = await goodbye(client);
  if (REFUSED_TOKEN.has(code)) return { kind: 'token', why: `closed with ${code}` };
  return { kind: 'open', protocol: opening.protocol };
}

/** How the connection ends: a server tells of a refused token by the code, after it opened. */
async function goodbye(client: WireClient): Promise<{ readonly code: number }> {
  const ended = client.close().then(() => client.closed());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<{ readonly code: number }>((resolve) => {
    timer = setTimeout(() => resolve({ code: 0 }), GOODBYE_MS);
  });
  try {
    return await Promise.race([ended.catch(() => ({ code: 0 })), enough]);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(what: string, url: string, why: string): TestkitError {
  const { origin, pathname } = new URL(url);
  return new TestkitError(
    'server_unreachable',
    `${what} at ${origin}${pathname}: ${redact(why).slice(0, 200)}.`,
    'Start the server, or correct the address and the tokens.',
  );
}
