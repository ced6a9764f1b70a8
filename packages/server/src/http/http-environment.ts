import type { HttpBindings } from '@hono/node-server';

/** What hono carries along with a request. */
export interface HttpEnvironment {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** The path of the table of routes that matched: what logs and metrics show in place of what was asked for. */
    route: string;
  };
}
