import { expect, it } from 'vitest';
import { type ConnectionEvent, type ConnectionState, stepConnection } from './connection-state.js';

const STATES: readonly ConnectionState[] = [
  { status: 'opening' },
  { status: 'open' },
  { status: 'closing', code: 4401 },
  { status: 'closed', code: 1000 },
];

const EVENTS: readonly ConnectionEvent[] = [
  { type: 'rooms_read' },
  { type: 'close', code: 4412, reason: 'draining' },
  { type: 'give_up' },
  { type: 'close_unanswered' },
  { type: 'socket_closed', code: 1000 },
];

it('has an answer for every event in every state', () => {
  const rows = STATES.flatMap((state) =>
    EVENTS.map((event) => {
      const next = stepConnection(state, event);
      const effects = next.effects.map(({ type, ...more }) => [type, ...Object.values(more)].join(' '));
      return `${state.status} + ${event.type} -> ${Object.values(next.state).join(' ')}${effects.length > 0 ? `: ${effects.join(', ')}` : ''}`;
    }),
  );
  expect(rows).toMatchInlineSnapshot(`
    [
      "opening + rooms_read -> open: enter_rooms",
      "opening + close -> closing 4412: fall_silent 4412, send_close 4412 draining, await_close",
      "opening + give_up -> closed 1006: fall_silent 1006, terminate, release",
      "opening + close_unanswered -> opening",
      "opening + socket_closed -> closed 1000: fall_silent 1000, release",
      "open + rooms_read -> open",
      "open + close -> closing 4412: fall_silent 4412, send_close 4412 draining, await_close",
      "open + give_up -> closed 1006: fall_silent 1006, terminate, release",
      "open + close_unanswered -> open",
      "open + socket_closed -> closed 1000: fall_silent 1000, release",
      "closing + rooms_read -> closing 4401",
      "closing + close -> closing 4401",
      "closing + give_up -> closed 4401: terminate, release",
      "closing + close_unanswered -> closed 4401: terminate, release",
      "closing + socket_closed -> closed 4401: release",
      "closed + rooms_read -> closed 1000",
      "closed + close -> closed 1000",
      "closed + give_up -> closed 1000",
      "closed + close_unanswered -> closed 1000",
      "closed + socket_closed -> closed 1000",
    ]
  `);
});
