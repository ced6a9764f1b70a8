// Compiled by scripts/packages.test.mjs as a page would be: no types of Node, none of `lib.esnext`, and no look away from declarations.
import { createClient } from '@goconnect/client';
import { GoConnectProvider } from '@goconnect/client/react';
import { indexedDbStorage } from '@goconnect/client/storage/indexeddb';

export const client = createClient({
  url: 'wss://chat.example/v1/ws',
  token: 'token',
  outbox: { storage: indexedDbStorage({ name: 'outbox' }) },
});
client.on('state', ({ status }) => {
  document.title = status;
});

export { GoConnectProvider };
