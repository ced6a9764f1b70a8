import type { Actor, RefreshToken } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';

/** Whether the token was made for this user, who is an id within a tenant (0019). */
export async function isSubject(
  tx: Pick<Transaction, 'users'>,
  { userId }: RefreshToken,
  actor: Actor,
): Promise<boolean> {
  if (userId !== actor.userId) return false;
  const user = await tx.users.get(userId);
  return user?.tenantId === actor.tenantId;
}
