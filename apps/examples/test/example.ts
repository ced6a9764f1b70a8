/** How the tests drive an example, whatever it is written in. */
export interface Example {
  readonly name: string;
  /** Whether what it needs is on this machine. */
  readonly available: boolean;
  /** Makes it ready to be run; called once. */
  prepare(): Promise<void>;
  run(options: RunOptions): Promise<RunningExample>;
  dispose(): Promise<void>;
  /** Runs it until it ends by itself, which only a program does: its exit code and all that it said. */
  readonly end?: (options: RunOptions) => Promise<{ readonly code: number; readonly said: string }>;
}

export interface RunOptions {
  /** Where the server is, e.g. `http://localhost:8080`. */
  readonly base: string;
  readonly scope: string;
  /** Logs in by itself, or uses the token it is given. */
  readonly as: { readonly email: string; readonly password: string } | { readonly token: string };
}

/** What a person sees happen to a text: someone else's arrived; one's own was confirmed, or nobody knows. */
export type Outcome = 'received' | 'sent' | 'unknown';

export interface RunningExample {
  say(text: string): Promise<void>;
  /** Resolves once it is shown; rejects with everything shown so far when it is not in time. */
  shows(outcome: Outcome, text: string): Promise<void>;
  connected(): Promise<void>;
  disconnected(): Promise<void>;
  /** Leaves as a person would. Resolves with the exit code of a program, 0 for a page. */
  leave(): Promise<number>;
}
