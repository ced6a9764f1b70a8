import { isRequestType, type RequestType } from '@goconnect/protocol/validators';
import {
  amount,
  check,
  checkFields,
  closeCode,
  closeReason,
  flag,
  oneOf,
  optional,
  type Rule,
  type Rules,
  record,
  text,
  wholeFrom,
} from '../support/rules.js';

/** What the fake server does instead of, or besides, what the contract says. Plain data. */
export type ScriptAction =
  /** Answers with this data; the request has no effect. */
  | { readonly kind: 'reply'; readonly data: unknown }
  /** Answers with an error; the request has no effect. */
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message?: string;
      readonly details?: Readonly<Record<string, unknown>>;
    }
  /** Never answers. With `effect` the request is carried out: a lost ack. */
  | { readonly kind: 'never'; readonly effect?: boolean }
  /** Does what the contract says, `ms` later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answers twice. */
  | { readonly kind: 'twice' }
  /** Answers, but as if to another request. */
  | { readonly kind: 'op_id'; readonly opId: string }
  /** Breaks the connection instead of answering. With `effect` the request is carried out before. */
  | { readonly kind: 'disconnect'; readonly effect?: boolean }
  /** Closes the connection instead of answering. */
  | { readonly kind: 'close'; readonly code: number; readonly reason?: string }
  /** Answers with this text, whatever it is. */
  | { readonly kind: 'raw'; readonly text: string };

/** A rule of the script: for which requests, how often, what. */
export interface ScriptRule {
  readonly on: RequestType | '*';
  /** Only requests whose data contains this. */
  readonly where?: Readonly<Record<string, unknown>>;
  /** Lets so many matching requests pass first. Default: 0. */
  readonly after?: number;
  /** Holds for so many requests. Default: for ever. */
  readonly times?: number;
  readonly do: ScriptAction;
}

const ACTIONS: { readonly [K in ScriptAction['kind']]: Rules } = {
  reply: { data: (value) => (record(value) ? 'an object; anything else goes out with raw' : undefined) },
  error: { code: text, message: optional(text), details: optional(record) },
  never: { effect: optional(flag) },
  delay: { ms: amount },
  twice: {},
  op_id: { opId: text },
  disconnect: { effect: optional(flag) },
  close: { code: closeCode('{ kind: "disconnect" }'), reason: optional(closeReason) },
  raw: { text },
};
const KINDS = Object.keys(ACTIONS) as readonly ScriptAction['kind'][];

/** The type of a request; what is none would wait, or catch, for ever in vain. */
export const requestType: Rule<RequestType> = (value) =>
  typeof value === 'string' && isRequestType(value)
    ? undefined
    : 'a request of the contract, such as chat.send';

const FIELDS = {
  on: (value: unknown) =>
    value === '*' || requestType(value) === undefined ? undefined : `${requestType(value)}, or *`,
  where: optional(record),
  after: optional(wholeFrom(0)),
  times: optional(wholeFrom(1)),
  do: record,
};

/**
 * Checks a rule of a script before it is set, so that a mistake is told where it was made and not when a request comes.
 *
 * @throws `TestkitError` with code `bad_argument`, which names the field and says what it takes
 */
export function checkScriptRule(value: unknown, at = 'rule'): ScriptRule {
  const { do: action } = checkFields(value, FIELDS, at);
  const kind = check(action.kind, oneOf(...KINDS), `${at}.do.kind`);
  checkFields(action, { kind: text, ...ACTIONS[kind] }, `${at}.do`);
  return value as ScriptRule;
}
