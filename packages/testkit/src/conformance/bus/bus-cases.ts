import { casesFor, must, mustEqual } from '../case.js';

/** A message as the cases send it: transient, so that every bus carries it unchanged. */
export interface BusNote {
  readonly kind: 'transient';
  readonly audience: { readonly kind: 'room'; readonly room: string };
  readonly event: {
    readonly type: 'member.left';
    readonly data: { readonly network_id: string; readonly user_id: string };
  };
}

/** The part of a server's bus that the promises rest on. */
export interface BusUnderTest {
  publish(messages: readonly BusNote[]): void;
  subscribe(listener: (messages: readonly BusNote[]) => void): () => void;
  close(): Promise<void>;
}

/** A bus to be judged: `open` gives one more node on it. */
export interface BusTarget {
  readonly kind: 'bus';
  readonly name: string;
  readonly open: () => Promise<BusUnderTest>;
}

export interface BusEnv {
  node(): Promise<BusUnderTest>;
}

const note = (user: string): BusNote => ({
  kind: 'transient',
  audience: { kind: 'room', room: 'host' },
  event: { type: 'member.left', data: { network_id: 'n', user_id: user } },
});

/** Listens to everything; `until` waits for so many. */
function listen(bus: BusUnderTest) {
  const heard: string[] = [];
  let wake = () => {};
  const stop = bus.subscribe((messages) => {
    heard.push(...messages.flatMap((one) => (one.kind === 'transient' ? [one.event.data.user_id] : [])));
    wake();
  });
  const until = async (count: number) => {
    while (heard.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { heard, stop, until };
}

/** What the promises need of a bus. */
export const BUS_CASES = casesFor<BusEnv>('bus', [
  {
    name: 'carries messages to the sender as well, in the order of publishing',
    rules: ['B3.1/one-order'],
    async run({ node }) {
      const bus = await node();
      const { heard, until } = listen(bus);
      bus.publish([note('1'), note('2')]);
      bus.publish([note('3')]);
      await until(3);
      mustEqual(heard, ['1', '2', '3'], 'messages');
    },
  },
  {
    name: 'never calls a listener while it is being published',
    rules: ['A2.2/order'],
    async run({ node }) {
      const bus = await node();
      const { heard, until } = listen(bus);
      bus.publish([note('1')]);
      must(heard.length === 0, 'a listener was called inside publish');
      await until(1);
    },
  },
  {
    name: 'carries messages to every listener, and to none that stopped',
    rules: ['page/broadcast'],
    async run({ node }) {
      const bus = await node();
      const [one, two] = [listen(bus), listen(bus)];
      bus.publish([note('1')]);
      await Promise.all([one.until(1), two.until(1)]);
      one.stop();
      bus.publish([note('2')]);
      await two.until(2);
      mustEqual(one.heard, ['1'], 'messages after it stopped');
    },
  },
  {
    name: 'takes an empty list for nothing',
    rules: ['A2.2/order'],
    async run({ node }) {
      const bus = await node();
      const { heard, until } = listen(bus);
      bus.publish([]);
      bus.publish([note('1')]);
      await until(1);
      mustEqual(heard, ['1'], 'messages');
    },
  },
  {
    name: 'carries nothing after it was closed, and does not throw',
    rules: ['promise 4/close'],
    async run({ node }) {
      const bus = await node();
      const { heard } = listen(bus);
      await bus.close();
      bus.publish([note('late')]);
      await new Promise<void>((resolve) => void setTimeout(resolve, 10));
      mustEqual(heard, [], 'messages');
    },
  },
]);
