import {
  type EventType,
  isEventType,
  isWellFormed,
  parseRoom,
  utf8Length,
} from '@goconnect/protocol/validators';
import { isObject } from './is-object.js';
import { TestkitError } from './testkit-error.js';

/** Says what a value has to be, in words, when it is not; nothing when it is. `T` is what it then is. */
export interface Rule<out T> {
  (value: unknown): string | undefined;
  readonly is?: T;
}

export type Rules = { readonly [field: string]: Rule<unknown> };
/** What fields are that passed their rules. */
export type Checked<R extends Rules> = {
  readonly [K in keyof R]: R[K] extends Rule<infer T> ? T : never;
};

export const anything: Rule<unknown> = () => undefined;
export const amount: Rule<number> = (value) =>
  typeof value === 'number' && value >= 0 && Number.isFinite(value) ? undefined : 'a number, 0 or more';
export const finite: Rule<number> = (value) => (Number.isFinite(value) ? undefined : 'a number');
export const text: Rule<string> = (value) => (typeof value === 'string' ? undefined : 'a string');
export const flag: Rule<boolean> = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
export const record: Rule<Readonly<Record<string, unknown>>> = (value) =>
  isObject(value) ? undefined : 'an object';
export const list: Rule<readonly unknown[]> = (value) =>
  Array.isArray(value) ? undefined : 'a list, even of one';
export const texts: Rule<readonly string[]> = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? undefined : 'a list of strings';
export const room: Rule<string> = (value) =>
  typeof value === 'string' && parseRoom(value) ? undefined : 'a room: host, tenant:<id> or network:<id>';
/** The id of a network or a tenant, as it stands in the name of its room (A3.1). */
export const roomId: Rule<string> = (value) =>
  typeof value === 'string' && parseRoom(`network:${value}`) ? undefined : 'an id of 1-64 of A-Z a-z 0-9 _ -';

/** @param otherwise how anything else is sent here */
export const eventType =
  (otherwise: string): Rule<EventType> =>
  (value) =>
    typeof value === 'string' && isEventType(value)
      ? undefined
      : `an event of the contract, such as chat.message; anything else goes out with ${otherwise}`;

export const wholeFrom =
  (min: number, max = Number.MAX_SAFE_INTEGER): Rule<number> =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : max === Number.MAX_SAFE_INTEGER
        ? `a whole number, ${min} or more`
        : `a whole number of ${min}-${max}`;

export const oneOf =
  <T extends string>(...names: readonly T[]): Rule<T> =>
  (value) =>
    (names as readonly unknown[]).includes(value) ? undefined : `one of ${names.join(', ')}`;

export const optional =
  <T>(rule: Rule<T>): Rule<T | undefined> =>
  (value) =>
    value === undefined ? undefined : rule(value);

/** 0: any that is free. */
export const port: Rule<number> = wholeFrom(0, 65_535);

/** What a close frame has room for (RFC 6455, 5.5). */
const CLOSE_REASON_BYTES = 123;

/** @param instead what ends a connection without a close frame here, for those who ask for 1006 */
export const closeCode =
  (instead: string): Rule<number> =>
  (value) =>
    typeof value === 'number' && isSentCode(value)
      ? undefined
      : `a code that a close frame may carry, 1000-1003, 1007-1014 or 3000-4999; ${instead} ends a connection without a frame (1006)`;

export const closeReason: Rule<string> = (value) =>
  typeof value === 'string' && isWellFormed(value) && utf8Length(value) <= CLOSE_REASON_BYTES
    ? undefined
    : `a text of at most ${CLOSE_REASON_BYTES} bytes`;

/** Not the codes that say there was no frame, nor those that nobody has given a meaning. */
function isSentCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/**
 * Checks the fields of an object, before any of them is used.
 *
 * @param at what the object is called in the error
 * @throws `TestkitError` with code `bad_argument`, which names the field and says what it takes
 */
export function checkFields<R extends Rules>(value: unknown, rules: R, at: string): Checked<R> {
  const known = Object.keys(rules);
  const takes = known.length > 0 ? `It takes ${known.join(', ')}.` : 'It takes none.';
  if (!isObject(value))
    throw wrong(`${at} is not an object.`, known.length > 0 ? `Give one with ${known.join(', ')}.` : takes);
  for (const field of Object.keys(value)) {
    if (!Object.hasOwn(rules, field))
      throw wrong(`${at} has an unknown key ${JSON.stringify(field)}.`, takes);
  }
  for (const [field, rule] of Object.entries(rules)) check(value[field], rule, `${at}.${field}`);
  return value as Checked<R>;
}

/** Checks one value; as {@link checkFields}. */
export function check<T>(value: unknown, rule: Rule<T>, at: string): T {
  const expected = rule(value);
  if (expected !== undefined) throw wrong(`${at} is ${shown(value)}.`, `Give ${expected}.`);
  return value as T;
}

export function wrong(what: string, remedy: string): TestkitError {
  return new TestkitError('bad_argument', what, remedy);
}

/** As JSON, but for numbers that JSON has no word for; never longer than a line. */
function shown(value: unknown): string {
  const said = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return said.length > 80 ? `${said.slice(0, 77)}...` : said;
}
