/**
 * A WebSocket class without a network: what the client under test sends goes to `answer`, whose texts it receives, and
 * `receive` hands it a frame as a browser would.
 * @param {{ protocol?: string, onOpen?: readonly string[], answer: (text: string) => readonly string[] }} server
 */
export function stubWebSocket({ protocol = '', onOpen = [], answer }) {
  return class StubWebSocket {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    /** The one that was opened last. @type {StubWebSocket | undefined} */
    static current;

    readyState = 0;
    protocol = '';
    bufferedAmount = 0;
    binaryType = 'blob';
    /** @type {((event: any) => void) | null} */ onopen = null;
    /** @type {((event: any) => void) | null} */ onmessage = null;
    /** @type {((event: any) => void) | null} */ onerror = null;
    /** @type {((event: any) => void) | null} */ onclose = null;

    constructor() {
      StubWebSocket.current = this;
      setImmediate(() => {
        this.readyState = StubWebSocket.OPEN;
        this.protocol = protocol;
        this.onopen?.({});
        for (const text of onOpen) this.receive(text);
      });
    }

    /** @param {string} text */
    receive(text) {
      this.onmessage?.({ data: text });
    }

    /** @param {string} text */
    send(text) {
      const answers = answer(text);
      setImmediate(() => {
        for (const one of answers) this.receive(one);
      });
    }

    close() {
      this.readyState = StubWebSocket.CLOSED;
      setImmediate(() => this.onclose?.({ code: 1000, reason: '' }));
    }
  };
}
