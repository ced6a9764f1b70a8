import { useEffect, useInsertionEffect, useRef } from 'react';
import type { EventContext, GoConnectEvents } from '../operations/client-events.js';
import type { Listener } from '../support/emitter.js';
import { useClient } from './provider.js';

/**
 * Calls `listener` for each such event while the component is mounted. The listener of the latest render is called, so it may use
 * props and state and need not be memoized. `room` picks the events of one room; one that does not say its room is not picked.
 */
export function useEvent<K extends keyof GoConnectEvents & string>(
  type: K,
  listener: Listener<GoConnectEvents[K], EventContext>,
  { room }: { readonly room?: string | undefined } = {},
): void {
  const client = useClient();
  const latest = useRef(listener);
  useInsertionEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () =>
      client.on(type, (payload, context) =>
        room === undefined || room === context.room ? latest.current(payload, context) : undefined,
      ),
    [client, type, room],
  );
}
