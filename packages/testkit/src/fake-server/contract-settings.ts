import { amount, checkFields, optional, type Rule } from '../support/rules.js';

/** Numbers of the contract that a test may want otherwise. */
export interface ContractSettings {
  /** Seconds an access token lives. */
  readonly tokenTtl: number;
  readonly editWindowMs: number;
  readonly presenceGraceMs: number;
  readonly messagesPerMinute: number;
  readonly networkMessagesPerMinute: number;
  readonly maxMessageBytes: number;
  readonly maxConnectionsPerUser: number;
  readonly pingPeriodMs: number;
  readonly pongWaitMs: number;
  readonly resumeWindowMs: number;
  readonly maxEventsPerRoom: number;
  readonly dedupeWindowMs: number;
}

export const DEFAULT_SETTINGS: ContractSettings = {
  tokenTtl: 900,
  editWindowMs: 900_000,
  presenceGraceMs: 15_000,
  messagesPerMinute: 100,
  networkMessagesPerMinute: 1_000,
  maxMessageBytes: 524_288,
  maxConnectionsPerUser: 5,
  pingPeriodMs: 54_000,
  pongWaitMs: 60_000,
  resumeWindowMs: 604_800_000,
  maxEventsPerRoom: 10_000,
  dedupeWindowMs: 86_400_000,
};

const RULES = Object.fromEntries(Object.keys(DEFAULT_SETTINGS).map((name) => [name, optional(amount)])) as {
  readonly [K in keyof ContractSettings]: Rule<number | undefined>;
};

/** What can change while clients are connected. */
export type Limits = Partial<Pick<ContractSettings, 'messagesPerMinute' | 'networkMessagesPerMinute'>>;

/**
 * Checks numbers of the contract before a client would have to be the one who notices.
 *
 * @throws `TestkitError` with code `bad_argument`, which names the number and says what it takes
 */
export function checkSettings(value: unknown, at = 'settings'): Partial<ContractSettings> {
  return checkFields(value, RULES, at) as Partial<ContractSettings>;
}

/** As {@link checkSettings}. */
export function checkLimits(value: unknown): Limits {
  const { messagesPerMinute, networkMessagesPerMinute } = RULES;
  return checkFields(value, { messagesPerMinute, networkMessagesPerMinute }, 'limits') as Limits;
}
