import type { ClauseTable } from './clause.js';
import { DOOR_AND_LIMITS, FRAMES_AND_REQUESTS, ROOMS_AND_CHAT } from './part-a.js';
import { PROMISES, SESSION_EXTENSION } from './part-b.js';
import { PUBLISHED_PAGE } from './published-page.js';

/** Every clause of the specification and of the published page, by id. */
export const CLAUSES: ClauseTable = {
  ...FRAMES_AND_REQUESTS,
  ...ROOMS_AND_CHAT,
  ...DOOR_AND_LIMITS,
  ...SESSION_EXTENSION,
  ...PROMISES,
  ...PUBLISHED_PAGE,
};
