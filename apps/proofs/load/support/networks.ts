import { createServer } from '@goconnect/server';
import { actor } from './person.js';
import { SECRET } from './secret.js';

/**
 * One network for each tenant with everyone of the tenant in it, written before the server on trial starts: what the
 * preparation leaves in memory is none of its business. Gives the scope of each tenant's network.
 */
export async function foundNetworks(
  databaseUrl: string,
  people: number,
  tenantSize: number,
): Promise<string[]> {
  const silent = { debug() {}, info() {}, warn() {}, error: console.error };
  const server = createServer({ databaseUrl, jwtSecret: SECRET, port: 0, host: '127.0.0.1', logger: silent });
  await server.start();
  try {
    const tenants = Array.from({ length: Math.ceil(people / tenantSize) }, (_, tenant) => tenant);
    const founded = await Promise.all(
      tenants.map((tenant) =>
        server.networks.create(actor(tenant * tenantSize, tenantSize), {
          name: `network of tenant ${tenant}`,
          visibility: 'public',
          joinPolicy: 'open',
        }),
      ),
    );
    const joins = Array.from({ length: people }, (_, number) => {
      const network = founded[Math.floor(number / tenantSize)];
      return network && server.networks.join(actor(number, tenantSize), network.id);
    });
    await Promise.all(joins);
    return founded.map(({ id }) => `network:${id}`);
  } finally {
    await server.stop({ drainMs: 0 });
  }
}
