import type { ConformanceCase } from '../case.js';
import { AUTH_CASES } from './cases/auth.js';
import { BUDGET_CASES } from './cases/budgets.js';
import { CHAT_CASES } from './cases/chat.js';
import { EFFECT_CASES } from './cases/effect.js';
import { EVENT_CASES } from './cases/events.js';
import { FRAME_CASES } from './cases/frames.js';
import { HISTORY_CASES } from './cases/history.js';
import { LIMIT_CASES } from './cases/limits.js';
import { MEMBERSHIP_CASES } from './cases/membership.js';
import { ORDER_CASES } from './cases/ordered.js';
import { REQUEST_CASES } from './cases/requests.js';
import { RIGHT_CASES } from './cases/rights.js';
import { ROOM_CASES } from './cases/rooms.js';
import { SESSION_CASES } from './cases/session.js';
import { SLOW_CONSUMER_CASES } from './cases/slow-consumer.js';
import { TEXT_CASES } from './cases/texts.js';
import type { ServerEnv } from './server-env.js';

/** Every case for servers. */
export const SERVER_CASES: readonly ConformanceCase<ServerEnv>[] = [
  ...FRAME_CASES,
  ...REQUEST_CASES,
  ...ROOM_CASES,
  ...TEXT_CASES,
  ...CHAT_CASES,
  ...RIGHT_CASES,
  ...EVENT_CASES,
  ...MEMBERSHIP_CASES,
  ...AUTH_CASES,
  ...LIMIT_CASES,
  ...BUDGET_CASES,
  ...SLOW_CONSUMER_CASES,
  ...SESSION_CASES,
  ...ORDER_CASES,
  ...HISTORY_CASES,
  ...EFFECT_CASES,
];
