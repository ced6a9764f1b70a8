/** Structured logs. Fields MUST NOT hold tokens, passwords or message bodies. pino satisfies this shape. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
