import { isObject } from '../support/is-object.js';
import {
  check,
  checkFields,
  closeCode,
  closeReason,
  finite,
  oneOf,
  type Rule,
  type Rules,
  record,
  text,
  wholeFrom,
} from '../support/rules.js';
import { TestkitError } from '../support/testkit-error.js';

/** One thing that happened on a recorded connection. */
export type RecordedStep = {
  /** Counted from 1. */
  readonly connection: number;
  /** Milliseconds since the recording began. */
  readonly at: number;
} & (
  | { readonly kind: 'open'; readonly protocol: string }
  /** `sent`: by the client; `received`: from the server. */
  | { readonly kind: 'sent' | 'received'; readonly text: string }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
);

/** A session as data: it can be kept as JSON. Addresses are not in it, because tokens travel there. */
export interface Recording {
  readonly version: 1;
  readonly steps: readonly RecordedStep[];
}

export interface Redaction {
  /** Default: true. A recording with tokens must not leave the machine. */
  readonly tokens?: boolean;
  /** Default: false. */
  readonly bodies?: boolean;
}

const TOKENS = ['access_token', 'refresh_token', 'token'];
const BODIES = ['body', 'new_body', 'mask', 'redaction_mask', 'attachments'];

/** The text of a frame without what shall not be kept. A frame that is no JSON is kept only as its length. */
export function redact(text: string, { tokens = true, bodies = false }: Redaction): string {
  const hidden = [...(tokens ? TOKENS : []), ...(bodies ? BODIES : [])];
  if (hidden.length === 0) return text;
  return text
    .split('\n')
    .map((line) => redactLine(line, hidden))
    .join('\n');
}

function redactLine(line: string, hidden: readonly string[]): string {
  try {
    return JSON.stringify(JSON.parse(line), (key, value: unknown) =>
      hidden.includes(key) ? placeholder(value) : value,
    );
  } catch {
    return `<${line.length} characters that are no JSON>`;
  }
}

/** Of the same kind, so that a redacted recording still replays. */
function placeholder(value: unknown): unknown {
  return Array.isArray(value) ? [] : 'redacted';
}

/**
 * Reads a recording from JSON.
 *
 * @throws `TestkitError` with code `recording_unreadable`
 */
export function readRecording(json: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw unreadable('it is no JSON', cause);
  }
  return checkRecording(value);
}

/** The same for what is no text any more; as {@link readRecording}. */
export function checkRecording(value: unknown): Recording {
  if (!isObject(value) || value.version !== 1 || !Array.isArray(value.steps))
    throw unreadable('it is not { "version": 1, "steps": […] }');
  for (const [index, step] of value.steps.entries()) checkStep(step, `steps.${index}`);
  return value as unknown as Recording;
}

/** What a client is told of a connection that ended without a close frame. */
const NO_FRAME: ReadonlySet<unknown> = new Set([1005, 1006, 1015]);

/** True for a code that stands for an end without a close frame: none can be sent that has it. */
export function isWithoutFrame(code: number): boolean {
  return NO_FRAME.has(code);
}

const closed: Rule<number> = (value) => (NO_FRAME.has(value) ? undefined : closeCode('1006')(value));

const KINDS = ['open', 'sent', 'received', 'closed'] as const;
const PLACE: Rules = { connection: wholeFrom(1), at: finite, kind: text };
const STEPS: { readonly [K in RecordedStep['kind']]: Rules } = {
  open: { ...PLACE, protocol: text },
  sent: { ...PLACE, text },
  received: { ...PLACE, text },
  closed: { ...PLACE, code: closed, reason: closeReason },
};

function checkStep(step: unknown, at: string): void {
  try {
    const { kind } = check(step, record, at);
    checkFields(step, STEPS[check(kind, oneOf(...KINDS), `${at}.kind`)], at);
  } catch (cause) {
    throw unreadable(cause instanceof TestkitError ? cause.what.replace(/\.$/, '') : String(cause), cause);
  }
}

function unreadable(why: string, cause?: unknown): TestkitError {
  return new TestkitError(
    'recording_unreadable',
    `This recording cannot be read: ${why}.`,
    'Give what recordSession() returned, as JSON.',
    { cause },
  );
}
