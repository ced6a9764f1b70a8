import { expect, it } from 'vitest';
import { type PresenceEvent, type PresenceState, stepPresence } from './presence-state.js';

const STATES: readonly PresenceState[] = [
  { status: 'offline', since: 1 },
  { status: 'online', since: 1, connections: 1 },
  { status: 'online', since: 1, connections: 2 },
  { status: 'lingering', since: 1 },
];

const EVENTS = [
  { type: 'opened' },
  { type: 'closed', clean: true },
  { type: 'closed', clean: false },
  { type: 'grace_over' },
] as const;

/** Every state and event. */
function table(elsewhere: PresenceEvent['elsewhere']): readonly string[] {
  return STATES.flatMap((state) =>
    EVENTS.map((kind) => {
      const event: PresenceEvent = { ...kind, at: 9, elsewhere };
      const next = stepPresence(state, event);
      const effects = next.effects.map((effect) => Object.values(effect).join(' '));
      const clean = event.type === 'closed' ? (event.clean ? ' cleanly' : ' broken') : '';
      return `${Object.values(state).join(' ')} + ${event.type}${clean} -> ${Object.values(next.state).join(' ')}${effects.length > 0 ? `: ${effects.join(', ')}` : ''}`;
    }),
  );
}

it('announces net changes only, in every state (A4.1)', () => {
  expect(table(undefined)).toMatchInlineSnapshot(`
    [
      "offline 1 + opened -> online 9 1: announce online 9",
      "offline 1 + closed cleanly -> offline 1",
      "offline 1 + closed broken -> offline 1",
      "offline 1 + grace_over -> offline 1",
      "online 1 1 + opened -> online 1 2",
      "online 1 1 + closed cleanly -> offline 9: announce offline 9",
      "online 1 1 + closed broken -> lingering 1: start_grace",
      "online 1 1 + grace_over -> online 1 1",
      "online 1 2 + opened -> online 1 3",
      "online 1 2 + closed cleanly -> online 1 1",
      "online 1 2 + closed broken -> online 1 1",
      "online 1 2 + grace_over -> online 1 2",
      "lingering 1 + opened -> online 1 1: cancel_grace",
      "lingering 1 + closed cleanly -> lingering 1",
      "lingering 1 + closed broken -> lingering 1",
      "lingering 1 + grace_over -> offline 9: announce offline 9",
    ]
  `);
});

it('announces nothing while another node has the user', () => {
  expect(table({ since: 5 })).toMatchInlineSnapshot(`
    [
      "offline 1 + opened -> online 5 1",
      "offline 1 + closed cleanly -> offline 1",
      "offline 1 + closed broken -> offline 1",
      "offline 1 + grace_over -> offline 1",
      "online 1 1 + opened -> online 1 2",
      "online 1 1 + closed cleanly -> offline 9",
      "online 1 1 + closed broken -> offline 9",
      "online 1 1 + grace_over -> online 1 1",
      "online 1 2 + opened -> online 1 3",
      "online 1 2 + closed cleanly -> online 1 1",
      "online 1 2 + closed broken -> online 1 1",
      "online 1 2 + grace_over -> online 1 2",
      "lingering 1 + opened -> online 1 1: cancel_grace",
      "lingering 1 + closed cleanly -> lingering 1",
      "lingering 1 + closed broken -> lingering 1",
      "lingering 1 + grace_over -> offline 9",
    ]
  `);
});
