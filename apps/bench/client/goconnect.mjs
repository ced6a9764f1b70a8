import { createClient } from '@goconnect/client';
import { stubWebSocket } from './stub-web-socket.mjs';

const ROOM = 'host';

const WELCOME = {
  type: 'session.welcome',
  data: {
    session_id: 's-1',
    user_id: 'user-1',
    tenant_id: 'tenant',
    server: { name: 'stub', version: '0' },
    server_time: '2026-01-01T00:00:00Z',
    token_expires_in: 86_400,
    rooms: [{ room: ROOM, epoch: 'e-1', seq: 0 }],
    limits: { max_message_bytes: 524_288, messages_per_minute: 100, network_messages_per_minute: 1_000 },
    heartbeat: { ping_period_ms: 54_000, pong_wait_ms: 60_000 },
    resume: { window_ms: 300_000, max_events_per_room: 1_000 },
    dedupe_window_ms: 86_400_000,
  },
};

/** @param {'strict' | 'off'} validate @returns {import('./candidate.mjs').Connect} */
export const goconnect = (validate) => async (onMessage) => {
  const WebSocket = stubWebSocket({
    protocol: 'goconnect.v1',
    onOpen: [JSON.stringify(WELCOME)],
    answer: () => [],
  });
  const client = createClient({ url: 'wss://chat.example/v1/ws', token: 'token', validate, WebSocket });
  client.on('chat.message', onMessage);
  await client.connect();
  return {
    frame: (seq, data) => JSON.stringify({ type: 'chat.message', data, room: ROOM, seq }),
    receive: (frame) => WebSocket.current?.receive(frame),
  };
};
