import type { BusUnderTest } from '@goconnect/testkit';
import type { Bus } from './adapters.js';

type Heard = Parameters<Parameters<Bus['subscribe']>[0]>[0][number];
type Note = Parameters<BusUnderTest['publish']>[0][number];

/** A bus of the server as the cases see it: they send nothing but one kind of note, and so hear nothing else. */
export function inShape(bus: Bus): BusUnderTest {
  return {
    publish: (messages) => bus.publish(messages),
    subscribe: (listener) => bus.subscribe((messages) => listener(messages.map(note))),
    close: () => bus.close(),
  };
}

function note(message: Heard): Note {
  if (message.kind === 'transient') {
    const { kind, audience, event } = message;
    if (audience.kind === 'room' && event.type === 'member.left') return { kind, audience, event };
  }
  throw new Error(`The bus carried what nobody sent: ${JSON.stringify(message)}`);
}
