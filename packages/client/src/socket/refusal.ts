import { BROKEN, type SocketEnd } from './socket.js';

/** The answer to a refused upgrade, as `ws` gives it. */
export interface Answer {
  readonly statusCode?: number;
  readonly statusMessage?: string;
  readonly headers: Record<string, unknown>;
  on(event: 'data', listener: (piece: unknown) => void): unknown;
  /** Also where it breaks off. */
  on(event: 'close', listener: () => void): unknown;
}

/** Bytes that are read of an answer. */
const BODY_MAX = 2_048;
/** Characters of it that a person is shown. */
const SHOWN_MAX = 256;
/** Statuses of whoever does not know the path, or takes no upgrades. */
const ELSEWHERE: readonly unknown[] = [200, 404, 426];

/** How an upgrade was refused (A5.2). Resolves when enough of the answer was read; one that never ends is given up like any dial. */
export function refusal(answer: Answer): Promise<SocketEnd> {
  const { statusCode: status = 0, statusMessage = '', headers } = answer;
  const usual = ELSEWHERE.includes(status) ? 'No GoConnect endpoint there: check the url' : statusMessage;
  const seconds = Number(headers['retry-after']);
  return new Promise((resolve) => {
    let body = '';
    const end = (): void =>
      resolve({
        ...BROKEN,
        cause: `${status} ${(messageIn(body) ?? usual).slice(0, SHOWN_MAX)}`,
        status,
        ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
      });
    answer.on('data', (piece) => {
      body += String(piece);
      if (body.length > BODY_MAX) end();
    });
    answer.on('close', end);
  });
}

/** The message of an error of the contract; what anybody else answers has none. */
function messageIn(body: string): string | undefined {
  try {
    const { code, message } = Object(JSON.parse(body)) as Record<string, unknown>;
    return typeof code === 'string' && typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
