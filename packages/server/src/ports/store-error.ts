/** Why the store could not do it: too much is waiting, it is closed, or the database failed. */
export type StoreErrorReason = 'busy' | 'closed' | 'failed';

/**
 * The store could not do its part; nothing of the work took effect, and trying again later is right
 * (`ERR_HANDLER_FAILED`). The text is for operators, not for clients.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly reason: StoreErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
