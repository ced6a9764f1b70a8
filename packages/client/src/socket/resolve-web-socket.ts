import type { WebSocketConstructor } from './socket.js';

/** True on Node and its like, also in tests, but not in an Electron page or jsdom. */
export function isNode(): boolean {
  const { process, document } = globalThis as {
    process?: { versions?: { node?: string } };
    document?: unknown;
  };
  return process?.versions?.node !== undefined && document === undefined;
}

/** The platform's own class in browsers, `ws` (which can send headers) on Node, undefined without either. Looked up at each dial. */
export async function resolveWebSocket(): Promise<WebSocketConstructor | undefined> {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketConstructor };
  if (WebSocket && !isNode()) return WebSocket;
  // Only the default export exists in both its builds. A bundle for browsers has an empty module there (`browser` in package.json).
  const { default: NodeWebSocket }: { default: unknown } = await import('isomorphic-ws');
  return (typeof NodeWebSocket === 'function' ? NodeWebSocket : WebSocket) as
    | WebSocketConstructor
    | undefined;
}
