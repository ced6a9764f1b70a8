import type { Dependencies } from '../dependencies.js';
import type { SessionOperations } from '../operations.js';
import { login, register } from './enter.js';
import { logout } from './logout.js';
import { refresh } from './refresh.js';

export function createSessions(deps: Dependencies): SessionOperations {
  return {
    register: register(deps),
    login: login(deps),
    refresh: refresh(deps),
    logout: logout(deps),
    isLive: (familyId) => deps.store.read((tx) => tx.refreshTokens.hasFamily(familyId)),
  };
}
