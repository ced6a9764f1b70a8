import { expect, it } from 'vitest';
import { type ConnectionView, initialWorkspace, workspace } from '../state/workspace.js';
import { explanation } from './connection-strip.js';

const ada = { id: 'ada', email: 'ada@x.example', name: 'Ada', isAdmin: false, isModerator: false };
const words = (...connections: readonly Partial<ConnectionView>[]) =>
  explanation(
    connections
      .map(
        (part): ConnectionView => ({ ...{ status: 'waiting', crowded: false, nextRetryAt: null }, ...part }),
      )
      .map((connection) => ({ type: 'connection.changed', connection }) as const)
      .reduce(workspace, initialWorkspace(ada)),
  );

it('calls a connection lost that was there, and no other', () => {
  expect(words({})).toContain('no connection yet');
  expect(words({ status: 'connected' }, {})).toContain('lost');
});

it('says that GoConnect is open in too many places, also when that lasts', () => {
  expect(words({ crowded: true })).toContain('too many places');
  expect(words({ crowded: true, status: 'suspended' })).toContain('too many places');
  expect(words({ crowded: true, status: 'failed' })).toContain('no longer accepts');
});
