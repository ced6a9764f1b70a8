import type { RefreshTokenTable, UserTable } from '../../../ports/store.js';
import type { MemoryMedium } from '../memory-medium.js';
import type { MemoryUnit } from '../memory-unit.js';

export function userTable({ users, emails }: MemoryMedium, unit: MemoryUnit): UserTable {
  return {
    async get(id) {
      unit.mayRead();
      return users.get(id)?.user;
    },
    async withPassword(email) {
      unit.mayRead();
      return users.get(emails.get(emailKey(email)) ?? '');
    },
    async insert(user, passwordHash) {
      const journal = unit.mayChange();
      const email = emailKey(user.email);
      if (emails.get(email) !== undefined) return false;
      emails.put(journal, email, user.id);
      users.put(journal, user.id, { user, passwordHash });
      return true;
    },
  };
}

function emailKey(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

export function refreshTokenTable({ refreshTokens }: MemoryMedium, unit: MemoryUnit): RefreshTokenTable {
  return {
    async get(tokenHash) {
      unit.mayRead();
      return refreshTokens.get(tokenHash);
    },
    insert: async (token) => refreshTokens.put(unit.mayChange(), token.tokenHash, token),
    async spend(tokenHash, { at, opId, sealedSuccessor }) {
      const journal = unit.mayChange();
      const token = refreshTokens.get(tokenHash);
      if (!token || token.spentAt !== null) return false;
      refreshTokens.put(journal, tokenHash, { ...token, spentAt: at, spentBy: opId, sealedSuccessor });
      return true;
    },
    async hasFamily(familyId) {
      unit.mayRead();
      for (const token of refreshTokens.values()) if (token.familyId === familyId) return true;
      return false;
    },
    async deleteFamily(familyId) {
      const journal = unit.mayChange();
      for (const token of [...refreshTokens.values()])
        if (token.familyId === familyId) refreshTokens.remove(journal, token.tokenHash);
    },
    async forgetSuccessors(before, limit) {
      const journal = unit.mayChange();
      const sealed = [...refreshTokens.values()].filter(
        ({ sealedSuccessor, spentAt }) => sealedSuccessor !== null && spentAt !== null && spentAt < before,
      );
      for (const token of sealed.slice(0, limit))
        refreshTokens.put(journal, token.tokenHash, { ...token, sealedSuccessor: null });
      return Math.min(sealed.length, limit);
    },
    trim: async (before, limit) =>
      refreshTokens.trim(
        unit.mayChange(),
        ({ expiresAt }) => expiresAt < before,
        ({ expiresAt }) => expiresAt,
        limit,
      ),
  };
}
