import { isObject } from '../../../support/is-object.js';
import type { ClientUnderTest } from '../client-target.js';

/** What the runner asks of an adapter: one JSON object a line on its standard input. */
export type AdapterAsk =
  /** First of all: make a client for this address, and say `ready`. It does not connect yet. */
  | ({ readonly do: 'start'; readonly url: string } & AdapterToken)
  | { readonly do: 'connect' }
  | { readonly do: 'send'; readonly id: number; readonly scope: string; readonly body: string }
  | { readonly do: 'ping'; readonly id: number }
  /** The answer to `{"say":"token"}`. */
  | ({ readonly do: 'token' } & AdapterToken)
  /** The machine woke up. */
  | { readonly do: 'wake' }
  | { readonly do: 'close'; readonly id: number };

export interface AdapterToken {
  readonly token: string;
  readonly refresh_token: string;
  /** Seconds. */
  readonly expires_in: number;
}

/** What an adapter tells: one JSON object a line on its standard output. */
export type AdapterSaying =
  | { readonly say: 'ready'; readonly can: readonly Ability[] }
  | { readonly say: 'status'; readonly status: ClientUnderTest['status'] }
  | { readonly say: 'event'; readonly type: string; readonly data: unknown }
  | { readonly say: 'gap'; readonly room: string }
  /** The client wants a fresh token. */
  | { readonly say: 'token' }
  | { readonly say: 'done'; readonly id: number; readonly data: unknown }
  | { readonly say: 'failed'; readonly id: number; readonly code: string };

/** What a client may have beyond the least; without it, cases about it are skipped. */
export type Ability = keyof typeof ABILITIES;

export const ABILITIES = {
  v1: 'it does not speak goconnect.v1',
  ping: 'it sends no presence.ping when told',
  token: 'it asks for no fresh token',
  renewal: 'it renews no token over the socket',
  queue: 'it keeps no messages while it is away',
  gap: 'it does not tell of gaps',
  wake: 'nobody can tell it that the machine woke up',
} as const;

const STATUSES: readonly unknown[] = ['connected', 'away', 'failed', 'closed'];

/** Reads one line of an adapter; a text says what is wrong with it. Pure. */
export function readSaying(line: string): AdapterSaying | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'is no JSON';
  }
  if (!isObject(value)) return 'is no JSON object';
  const fault = faultOf(value);
  // `faultOf` has looked at every field of its kind.
  return fault ?? (value as AdapterSaying);
}

function faultOf({ say, can, status, type, room, id, code }: Readonly<Record<string, unknown>>) {
  switch (say) {
    case 'ready':
      return abilitiesFault(can);
    case 'status':
      return STATUSES.includes(status) ? undefined : `has no status of ${STATUSES.join(', ')}`;
    case 'event':
      return typeof type === 'string' ? undefined : 'has no type';
    case 'gap':
      return typeof room === 'string' ? undefined : 'has no room';
    case 'token':
      return undefined;
    case 'done':
      return Number.isInteger(id) ? undefined : 'has no id';
    case 'failed':
      if (!Number.isInteger(id)) return 'has no id';
      return typeof code === 'string' ? undefined : 'has no code';
    default:
      return 'says none of ready, status, event, gap, token, done, failed';
  }
}

function abilitiesFault(can: unknown): string | undefined {
  if (!Array.isArray(can)) return 'has no list "can"';
  const unknown: unknown = can.find((one) => typeof one !== 'string' || !Object.hasOwn(ABILITIES, one));
  if (unknown === undefined) return undefined;
  return `has an unknown ability ${JSON.stringify(unknown)}; there are ${Object.keys(ABILITIES).join(', ')}`;
}
