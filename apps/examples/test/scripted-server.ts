import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Received {
  readonly type: string;
  readonly op_id: string;
  readonly data: { readonly body?: string; readonly scope?: string };
}

/**
 * A server of the published contract that misbehaves by its script: what the real one never does on purpose, but
 * networks and the original server do. `answer` gives the text frame for a request; `cut` ends the line instead.
 */
export async function startScriptedServer(answer: (request: Received, count: number) => string | 'cut') {
  const server = new WebSocketServer({ host: 'localhost', port: 0, path: '/v1/ws' });
  await once(server, 'listening');
  const received: Received[] = [];
  const closes: number[] = [];
  server.on('connection', (socket: WebSocket) => {
    socket.on('close', (code) => closes.push(code));
    socket.on('message', (frame) => {
      const request = JSON.parse(String(frame)) as Received;
      received.push(request);
      const text = answer(request, received.filter(({ op_id }) => op_id === request.op_id).length);
      if (text === 'cut') socket.terminate();
      else socket.send(text);
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://localhost:${port}`,
    /** Requests with this text, in order. */
    heard: (body: string) => received.filter(({ data }) => data.body === body),
    /** Codes of the connections that have ended. */
    closes,
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}
