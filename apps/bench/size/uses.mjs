import { MINIMAL_USE } from '../../../scripts/size.mjs';

/**
 * The same minimal real use of each client: make it, connect, join a room and listen there, send one message. As the
 * documentation of each shows it, by the imports that it recommends for bundlers.
 *
 * `beside` is what stands in the bundle that the others lack, and what is missing that ours has.
 *
 * @type {readonly { name: string, code: string, beside: string }[]}
 */
export const USES = [
  {
    name: '@goconnect/client',
    code: MINIMAL_USE,
    beside:
      'reconnects, resumes, outbox with answers, token renewal, pacing, drains, validation of all it receives',
  },
  {
    name: 'graphql-ws',
    code: `
      import { createClient } from 'graphql-ws';
      const client = createClient({ url: 'wss://chat.example/graphql', connectionParams: { token: 'token' } });
      const sink = { next: console.log, error: console.error, complete() {} };
      client.subscribe({ query: 'subscription { joined(room: "lobby") { body } }' }, sink);
      client.subscribe({ query: 'mutation { send(room: "lobby", body: "hello") { id } }' }, sink);
    `,
    beside: 'reconnects; resume, outbox and rooms are left to the application',
  },
  {
    name: 'phoenix',
    code: `
      import { Socket } from 'phoenix';
      const socket = new Socket('wss://chat.example/socket', { params: { token: 'token' } });
      socket.connect();
      const channel = socket.channel('room:lobby', {});
      channel.on('message', (message) => console.log(message.body));
      channel.join().receive('ok', () => channel.push('send', { body: 'hello' }));
    `,
    beside: 'reconnects, channels, long polling, presence; no resume, no repeat of what was unanswered',
  },
  {
    name: 'socket.io-client',
    code: `
      import { io } from 'socket.io-client';
      const socket = io('wss://chat.example', { auth: { token: 'token' }, transports: ['websocket'] });
      socket.on('message', (message) => console.log(message.body));
      socket.on('connect', async () => {
        await socket.emitWithAck('join', 'lobby');
        await socket.emitWithAck('send', { room: 'lobby', body: 'hello' });
      });
    `,
    beside:
      'reconnects, buffers while away, acks and retries, long polling; resumes only if the server keeps state for it',
  },
  {
    name: 'centrifuge',
    code: `
      import { Centrifuge } from 'centrifuge';
      const client = new Centrifuge('wss://chat.example/connection/websocket', { getToken: async () => 'token' });
      client.connect();
      const room = client.newSubscription('lobby');
      room.on('publication', ({ data }) => console.log(data.body));
      room.subscribe();
      await room.publish({ body: 'hello' });
    `,
    beside:
      'reconnects, resumes by offset, token renewal, other transports, deltas; no outbox, no validation',
  },
  {
    name: 'ably',
    code: `
      import { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular';
      const client = new BaseRealtime({
        authCallback: (_, done) => done(null, 'token'),
        plugins: { FetchRequest, WebSocketTransport },
      });
      const room = client.channels.get('lobby');
      await room.subscribe((message) => console.log(message.data));
      await room.publish('message', 'hello');
    `,
    beside: 'its modular build, with the plugins that this needs; speaks to the service of its maker',
  },
  {
    name: '@liveblocks/client',
    code: `
      import { createClient } from '@liveblocks/client';
      const client = createClient({ authEndpoint: async () => ({ token: 'token' }) });
      const { room } = client.enterRoom('lobby');
      room.subscribe('event', ({ event }) => console.log(event));
      room.broadcastEvent({ type: 'message', body: 'hello' });
    `,
    beside: 'shared documents, presence, comments; speaks to the service of its maker',
  },
  {
    name: 'stream-chat',
    code: `
      import { StreamChat } from 'stream-chat';
      const client = StreamChat.getInstance('key');
      await client.connectUser({ id: 'ada' }, async () => 'token');
      const channel = client.channel('messaging', 'lobby');
      await channel.watch();
      channel.on('message.new', ({ message }) => console.log(message?.text));
      await channel.sendMessage({ text: 'hello' });
    `,
    beside: 'a whole chat product: threads, reactions, uploads, state; speaks to the service of its maker',
  },
];
