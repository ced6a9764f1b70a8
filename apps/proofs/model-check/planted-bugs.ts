import { type Parts, SHIPPED } from './parts.js';
import type { Scope } from './world.js';

/** A wrong version of one part, and the smallest world in which it shows. */
export interface PlantedBug {
  readonly what: string;
  readonly parts: Parts;
  readonly scope: Pick<Scope, 'operations' | 'drops' | 'crashes'> & Partial<Scope>;
  /** What the walk must say. */
  readonly breaks: RegExp;
}

const ONE = { operations: [1], drops: 1, crashes: 0 };
const TWO = { operations: [2], drops: 0, crashes: 0 };
const with_ = (part: Partial<Parts>): Parts => ({ ...SHIPPED, ...part });

/** Those that take the longest to be found come last. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    what: 'the ack does not wait for the disk',
    parts: with_({ durable: 'later' }),
    scope: { operations: [1], drops: 0, crashes: 1 },
    breaks: /promise 1: a crash lost/,
  },
  {
    what: 'the server forgets which operations it did',
    parts: with_({
      sendMessage: (deps) => (context, data) => SHIPPED.sendMessage(deps)({ actor: context.actor }, data),
    }),
    scope: ONE,
    breaks: /promise 2/,
  },
  {
    what: 'the client takes a sent operation for lost when its connection breaks',
    parts: with_({ mayRepeat: () => false }),
    scope: ONE,
    breaks: /promise 4.*unknown_outcome/,
  },
  {
    what: 'the client resumes from one entry before where it is',
    parts: with_({
      stepRoomLog: (log, event) =>
        log && event[0] === 'cut'
          ? SHIPPED.stepRoomLog({ ...log, seq: Math.max(0, log.seq - 1) }, event)
          : SHIPPED.stepRoomLog(log, event),
    }),
    scope: { operations: [1, 0], drops: 1, crashes: 0 },
    breaks: /promise 3: entries are delivered once/,
  },
  {
    what: 'the client does not try again after a lost connection',
    parts: with_({
      stepSession: (state, event, env) => {
        const [next, ...effects] = SHIPPED.stepSession(state, event, env);
        return [next, ...effects.filter((effect) => effect[0] !== 'after')];
      },
    }),
    scope: ONE,
    breaks: /promise 4: nothing/,
  },
  {
    what: 'the client goes on with a connection that is gone',
    parts: with_({
      stepSession: (state, event, env) =>
        event[0] === 'lost' ? [state] : SHIPPED.stepSession(state, event, env),
    }),
    scope: ONE,
    breaks: /promise 4: nothing/,
  },
  {
    what: 'the room passes entries on in the order in which they come',
    parts: with_({
      stepRoomOrder: (order, event, tries) =>
        event.type === 'heard'
          ? {
              order: { ...order, seq: event.entry.seq },
              effects: [{ type: 'pass_on', entry: event.entry }],
            }
          : SHIPPED.stepRoomOrder(order, event, tries),
    }),
    scope: { ...TWO, bus: 'any_order' },
    breaks: /B3\.1/,
  },
  {
    what: 'the room does not read what it missed',
    parts: with_({
      stepRoomOrder: (order, event, tries) => {
        const step = SHIPPED.stepRoomOrder(order, event, tries);
        return { ...step, effects: step.effects.filter(({ type }) => type !== 'read') };
      },
    }),
    scope: { ...TWO, bus: 'any_order' },
    breaks: /promise 4: nothing/,
  },
  {
    what: 'a connection that the server closed stays in its room',
    parts: with_({
      stepConnection: (state, event) => {
        const step = SHIPPED.stepConnection(state, event);
        return { ...step, effects: step.effects.filter(({ type }) => type !== 'fall_silent') };
      },
    }),
    scope: { ...ONE, presence: 'walked' },
    breaks: /A4\.1/,
  },
  {
    what: 'a user whose connection broke is shown offline at once',
    parts: with_({
      stepPresence: (state, event) =>
        event.type === 'closed' && state.status === 'online'
          ? {
              state: { status: 'lingering', since: state.since },
              effects: [{ type: 'announce', status: 'offline', since: 0 }],
            }
          : SHIPPED.stepPresence(state, event),
    }),
    scope: { ...ONE, presence: 'walked' },
    breaks: /A4\.1/,
  },
  {
    what: 'the client takes a welcome for its position instead of asking for what it missed',
    parts: with_({
      stepRoomLog: (log, event) =>
        log && event[0] === 'announced'
          ? [{ ...log, seq: Math.max(log.seq, event[2]) }]
          : SHIPPED.stepRoomLog(log, event),
    }),
    scope: { operations: [1, 0], drops: 1, crashes: 0 },
    breaks: /promise 4: nothing/,
  },
  {
    what: 'a hole is jumped over instead of held',
    parts: with_({
      stepRoomLog: (log, event) =>
        log && event[0] === 'entry' && event[1] > log.seq
          ? [{ ...log, seq: event[1] }, ['deliver', event[2]]]
          : SHIPPED.stepRoomLog(log, event),
    }),
    scope: { operations: [2, 0], drops: 1, crashes: 0 },
    breaks: /promise 3: entries are delivered once/,
  },
  {
    what: 'a broken connection does not end the wait for a resume',
    parts: with_({
      stepRoomLog: (log, event) => (event[0] === 'cut' ? [log] : SHIPPED.stepRoomLog(log, event)),
    }),
    scope: { operations: [1, 0], drops: 2, crashes: 0 },
    breaks: /promise 4: nothing/,
  },
];
