import { networkOf } from './entities.js';
import type { Role, Viewer } from './rights.js';
import { peopleOf, type Workspace } from './workspace.js';

/** Whoever uses this page, as seen in a room. */
export function viewerOf(state: Workspace, scope: string): Viewer {
  const { id: userId, isAdmin, isModerator } = state.me;
  return { userId, isAdmin, isModerator, role: roleIn(state, scope, userId) };
}

/** Someone's role in a room; undefined in `host` and for people who are not there. */
export function roleIn(state: Workspace, scope: string, userId: string): Role | undefined {
  const networkId = networkOf(scope);
  if (networkId === undefined) return undefined;
  return peopleOf(state, networkId).members.find((member) => member.userId === userId)?.role;
}
