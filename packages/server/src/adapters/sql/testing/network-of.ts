import type { Network } from '../../../domain/entities.js';

/** Some network. */
export function networkOf(
  id: string,
  tenantId: string,
  visibility: Network['visibility'] = 'public',
): Network {
  const joinPolicy = 'open' as const;
  return {
    id,
    tenantId,
    name: `Net ${id}`,
    visibility,
    joinPolicy,
    createdBy: 'u',
    createdAt: 1,
    updatedAt: 2,
  };
}
