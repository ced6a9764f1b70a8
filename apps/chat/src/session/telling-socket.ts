/** The browser's WebSocket, which also tells how it ended: the SDK comes back by itself and does not say why it has to. */
export function tellingSocket(onEnd: (code: number) => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('close', ({ code }) => onEnd(code));
    }
  };
}
