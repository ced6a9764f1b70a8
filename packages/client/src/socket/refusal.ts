/** The answer to a refused upgrade, as `ws` gives it. A class that only looks like it may have nothing to read. */
export interface Answer {
  readonly statusCode?: number;
  readonly statusMessage?: string;
  readonly headers: Record<string, unknown>;
  /** `close` comes also where it breaks off. */
  on?(event: 'data' | 'close', listener: (piece?: unknown) => void): unknown;
}

/** Characters that are read of an answer. */
const BODY_MAX = 2_048;
/** Characters of it that a person is shown. */
const SHOWN_MAX = 256;
/** Statuses of whoever does not know the path, or takes no upgrades. */
const ELSEWHERE: readonly unknown[] = [200, 404, 426];

/** Why an upgrade was refused (A5.2). Resolves when enough of the answer was read; one that never ends is given up like any dial. */
export function causeOf(answer: Answer): Promise<string> {
  const { statusCode, statusMessage = '' } = answer;
  const usual = ELSEWHERE.includes(statusCode) ? 'No GoConnect endpoint there: check the url' : statusMessage;
  return new Promise((resolve) => {
    let body = '';
    const end = () => resolve(`${statusCode} ${(messageIn(body) ?? usual).slice(0, SHOWN_MAX)}`);
    answer.on?.('data', (piece) => {
      body += String(piece);
      if (body.length > BODY_MAX) end();
    });
    answer.on?.('close', end);
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
