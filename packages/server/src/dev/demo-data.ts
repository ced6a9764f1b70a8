import type { JoinPolicy, Role, Visibility } from '../domain/entities.js';

/** Known to everyone: development mode is for one machine only. */
export const DEMO_PASSWORD = 'goconnect';

export interface DemoUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface DemoNetwork {
  readonly id: string;
  readonly name: string;
  readonly visibility: Visibility;
  readonly joinPolicy: JoinPolicy;
  /** Role by user id. */
  readonly members: Readonly<Record<string, Role>>;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', email: 'ada@goconnect.example', name: 'Ada' },
  { id: 'grace', email: 'grace@goconnect.example', name: 'Grace' },
  { id: 'linus', email: 'linus@goconnect.example', name: 'Linus' },
];

export const DEMO_NETWORKS: readonly DemoNetwork[] = [
  {
    id: 'lobby',
    name: 'Lobby',
    visibility: 'public',
    joinPolicy: 'open',
    members: { ada: 'owner', grace: 'moderator', linus: 'member' },
  },
  { id: 'attic', name: 'Attic', visibility: 'public', joinPolicy: 'approval', members: { ada: 'owner' } },
];
