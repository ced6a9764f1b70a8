import { createAuthApi } from '../../src/api/auth-api.js';
import { createNetworkApi, type NetworkApi } from '../../src/api/network-api.js';

/** What one of the demo users can do without a page. */
export async function acting(url: string, user: 'ada' | 'grace' | 'linus'): Promise<NetworkApi> {
  const { tokens } = await createAuthApi(url).login(`${user}@goconnect.example`, 'goconnect');
  return createNetworkApi(url, async () => tokens.accessToken);
}
