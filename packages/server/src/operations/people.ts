import type { Dependencies } from './dependencies.js';
import type { PeopleOperations } from './operations.js';
import { notFound } from './refusals.js';

export function createPeople({ store }: Pick<Dependencies, 'store'>): PeopleOperations {
  return {
    get: ({ tenantId }, userId) =>
      store.read(async (tx) => {
        const user = await tx.users.get(userId);
        if (user?.tenantId !== tenantId) throw notFound('User');
        return user;
      }),
  };
}
