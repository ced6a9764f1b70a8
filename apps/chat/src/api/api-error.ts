/** The HTTP API said no, or nothing at all (`status` 0, code `not_connected`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds the server asks to wait, if it does. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
