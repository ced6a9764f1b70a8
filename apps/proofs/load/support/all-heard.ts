import type { ClientCrowd } from './client-crowd.js';
import { eventually } from './eventually.js';
import type { RemoteProcess } from './remote.js';
import type { Said, Writer } from './talk.js';

/** Waits until everybody has heard all that was said, and tells what was missed or doubled on the way. Writer `n` speaks to tenant `n`. */
export async function allHeard(
  crowd: RemoteProcess<ClientCrowd>,
  writers: readonly Writer[],
  said: Said,
  { people, patienceMs }: { readonly people: number; readonly patienceMs: number },
) {
  const last = Object.fromEntries(
    writers.map(({ number }, tenant) => [tenant, { [`w${number}`]: said.last[`w${number}`] ?? 0 }]),
  );
  const { seen } = await eventually(
    () => crowd.do.heard({ last }),
    ({ complete }) => complete === people,
    patienceMs,
  );
  return seen;
}
