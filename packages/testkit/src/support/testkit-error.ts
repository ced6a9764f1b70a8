/** What can go wrong in the use of the testkit itself; closed, so that one can `switch` on it. */
export type TestkitErrorCode =
  | 'adapter_failed'
  | 'bad_argument'
  | 'clock_closed'
  | 'deadline'
  | 'endless_timers'
  | 'network_closed'
  | 'no_such_connection'
  | 'no_such_network'
  | 'no_such_user'
  | 'port_taken'
  | 'recording_unreadable'
  | 'replay_diverged'
  | 'scenario_invalid'
  | 'server_closed'
  | 'server_unreachable';

/** A mistake in a test, a scenario or a command line. `what` says what happened, `remedy` what to do about it, the message both. */
export class TestkitError extends Error {
  override readonly name = 'TestkitError';

  constructor(
    readonly code: TestkitErrorCode,
    readonly what: string,
    readonly remedy: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${what} ${remedy}`, options);
  }
}
