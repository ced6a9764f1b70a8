import { expect, it } from 'vitest';
import {
  type OperationEnv,
  type OperationEvent,
  type OperationStep,
  stepOperation,
} from './operation-machine.js';
import type { Operation } from './outbox.js';

const NOW = 100_000;
const DEDUPE_MS = 60_000;

const operation = (more: Partial<Operation>): Operation => ({
  opId: 'op',
  type: 'chat.send',
  data: {},
  kind: 'mutation',
  bytes: 10,
  timeoutMs: 10_000,
  expiresAt: 200_000,
  at: 'queued',
  sentAt: undefined,
  repeated: false,
  unkeyed: false,
  ...more,
});

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'mutation, never written': operation({}),
  'mutation, written once': operation({ at: 1, sentAt: NOW - 1_000 }),
  'mutation, written twice': operation({ at: 1, sentAt: NOW - 1_000, repeated: true }),
  'mutation, written too long ago': operation({ at: 1, sentAt: NOW - DEDUPE_MS }),
  'mutation, written where no key is kept': operation({ at: 1, sentAt: NOW - 1_000, unkeyed: true }),
  'read, never written': operation({ type: 'room.join', kind: 'read' }),
  'read, written once': operation({ type: 'room.join', kind: 'read', at: 1, sentAt: NOW - 1_000 }),
  restore: operation({ type: 'room.join', kind: 'restore', at: 1, sentAt: NOW - 1_000, repeated: true }),
  'read of v1': operation({ type: 'chat.history', kind: 'read' }),
  'immediate, written once': operation({
    type: 'presence.ping',
    kind: 'immediate',
    at: 1,
    sentAt: NOW - 1_000,
  }),
};

const EVENTS: readonly OperationEvent[] = [
  ['turn'],
  ['refused', 'ERR_RATE_LIMIT'],
  ['refused', 'ERR_HANDLER_FAILED'],
  ['refused', 'ERR_FORBIDDEN'],
  ['line_gone'],
  ['due'],
  ['unkept', 'new'],
  ['unkept', 'queued'],
];

const ENVS: Readonly<Record<string, OperationEnv>> = {
  v1: { now: NOW, mode: 'v1', dedupeMs: DEDUPE_MS, resend: 'safe', held: 'ready' },
  base: { now: NOW, mode: 'base', dedupeMs: 0, resend: 'safe', held: 'away' },
  'base, resend always': { now: NOW, mode: 'base', dedupeMs: 0, resend: 'always', held: 'away' },
};

function told(step: OperationStep, before: Operation): string {
  if (step[0] === 'queue') return step[1] === before ? 'queue' : 'queue, as never written';
  return step[0] === 'write' ? 'write' : `settle ${step[1]}`;
}

it('prints as a table of every kind of operation and every event', () => {
  const lines = Object.entries(OPERATIONS).flatMap(([name, one]) => [
    name,
    ...EVENTS.map((event) => {
      const outcomes = Object.entries(ENVS).map(
        ([where, env]) => `${where}: ${told(stepOperation(one, event, env), one)}`,
      );
      return `  ${event.join(' ').padEnd(28)}${outcomes
        .map((text) => text.padEnd(32))
        .join(' ')
        .trimEnd()}`;
    }),
  ]);
  expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
});

it('never repeats a mutation where nobody knows repeats, unless the application said so (A2.5)', () => {
  for (const one of Object.values(OPERATIONS).filter(
    ({ kind, sentAt }) => kind === 'mutation' && sentAt !== undefined,
  ))
    for (const event of EVENTS.filter(([type]) => type === 'turn' || type === 'line_gone'))
      expect(stepOperation(one, event, ENVS.base as OperationEnv).slice(0, 2)).toEqual([
        'settle',
        'unknown_outcome',
      ]);
});
