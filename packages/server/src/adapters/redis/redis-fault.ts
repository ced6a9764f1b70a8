import { tlsAdvice } from '../tls-advice.js';

/** Why there is no line. `wrong`: a setting is, here or there, so that trying again alone mends nothing. */
export interface RedisFault {
  readonly wrong: boolean;
  /** What it is and what to do; never names a password. */
  readonly why: string;
}

/** There was no answer in time. */
export class RedisSilent extends Error {
  override readonly name = 'RedisSilent';
  constructor(readonly tls: boolean) {
    super('Redis did not answer in time');
  }
}

/** The line ended without a word. */
export class RedisGone extends Error {
  override readonly name = 'RedisGone';
}

const SILENT = 'it does not answer: look at it and at the network';
const FULL = 'it has no connections left: raise maxclients';
const UNREACHABLE = 'the host cannot be reached: look at the network';
const CUT =
  'the connection was cut: if that goes on, look whether it is Redis that listens there, and whether it wants TLS (rediss://)';
const CUT_ANEW = 'the connection was cut: look at Redis, and at what is between';
const SILENT_TO_TLS =
  'it does not answer: say redis:// if it speaks no TLS, else look at it and at the network';
const NO_TLS = 'it speaks no TLS: say redis://, or give it a tls-port';
const NOT_ALLOWED =
  'this user may not use the channel: grant it the channel goconnect:*, and publish, subscribe, ping';

/** Redis is away, or the way to it; that may pass. By code of the operating system. */
const AWAY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start Redis, or correct host and port',
  ENOTFOUND: 'the host is unknown: correct its name, or look at the network',
  EAI_AGAIN: 'the host cannot be looked up: look at the network',
  ETIMEDOUT: 'the host does not answer: look at the network and its firewall',
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
};

/** By code of TLS. */
const WRONG: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ...tlsAdvice('Redis', 'NODE_EXTRA_CA_CERTS'),
};

/** By what Redis says, or the driver of what is no Redis. */
const WRONG_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS|invalid password/i, 'user or password are wrong'],
  [/^NOAUTH|^NOPERM Authentication/i, 'it wants a password: put it into the URL'],
  [
    /without any password configured|no password is set/i,
    'it has no password: set one there (requirepass), or leave it out',
  ],
  [/wrong number of arguments for 'auth'/i, 'it is too old to know users: leave the name out of the URL'],
  [/^NOPERM/, NOT_ALLOWED],
  [/^DENIED/, 'it lets nobody in from other machines (protected-mode): give it a password'],
  [/^(?:ERR )?unknown command|^Unknown RESP type/i, 'what listens there is no Redis: correct host and port'],
];

/**
 * What an error means to an operator. Nothing of it is passed on but a code or the first word, for the driver hangs on it
 * what it sent, the password included. `worked`: there was a line before, so scheme and port are right.
 */
export function redisFault(error: unknown, worked = false): RedisFault {
  const code = wordOf(error, 'code');
  const text = wordOf(error, 'message');
  const wrong = WRONG[code] ?? WRONG_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  if (wrong !== undefined) return { wrong: true, why: wrong };
  return {
    wrong: false,
    why: awayBy(error, worked) ?? AWAY[code] ?? `it cannot be used (${code || firstWord(text)})`,
  };
}

/** Whether the connection ended without a word. */
export function isCut(error: unknown): boolean {
  return error instanceof RedisGone || ['ECONNRESET', 'EPIPE'].includes(wordOf(error, 'code'));
}

function awayBy(error: unknown, worked: boolean): string | undefined {
  if (isCut(error)) return worked ? CUT_ANEW : CUT;
  if (error instanceof RedisSilent) return error.tls && !worked ? SILENT_TO_TLS : SILENT;
  return wordOf(error, 'message').includes('max number of clients') ? FULL : undefined;
}

function wordOf(error: unknown, name: string): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' ? value : '';
}

const firstWord = (text: string) => /^\w+/.exec(text)?.[0] ?? 'no reason given';
