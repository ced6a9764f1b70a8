// @vitest-environment jsdom
import { act, cleanup } from '@testing-library/react';
import { type ReactNode, Suspense, use } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, harness, message, v1 } from '../testing/harness.js';
import { GoConnectProvider } from './provider.js';
import { useClientState } from './use-client-state.js';
import { useMessages } from './use-messages.js';

afterEach(cleanup);

const ROOM = 'network:n';

function Status() {
  return <p>{useClientState().status}</p>;
}

function Lines() {
  const { messages, history } = useMessages(ROOM);
  return <p>{`${history.status}: ${messages.map(({ body }) => body)}`}</p>;
}

function Gate({
  until,
  children,
}: {
  readonly until: Promise<void> | undefined;
  readonly children: ReactNode;
}) {
  if (until) use(until);
  return children;
}

/** A v1 server whose room has one past message. */
function started() {
  const it = harness();
  v1(it.network, [{ room: ROOM, epoch: 'e', seq: 1 }]);
  it.network.onSent = (socket, envelope) => {
    if (envelope.type !== 'chat.history') return answer(socket, envelope);
    const { data } = message('m1') as { data: object };
    queueMicrotask(() => socket.ack(envelope, { messages: [data], next: null }));
  };
  return it;
}

/** Hydrates what a server rendered; `faults` are what React had to mend. */
async function hydrated(html: string, app: ReactNode) {
  const container = document.createElement('div');
  container.innerHTML = html;
  const faults: string[] = [];
  const root = await act(async () =>
    hydrateRoot(container, app, { onRecoverableError: (error) => faults.push(String(error)) }),
  );
  return { container, faults, unmount: () => act(async () => root.unmount()) };
}

describe('what a server rendered is what hydration begins with', () => {
  it('with a client that the application has connected before', async () => {
    const { client, clock } = started();
    const app = (
      <GoConnectProvider client={client} lifetime="app">
        <Status />
        <Lines />
      </GoConnectProvider>
    );
    const html = renderToString(app);
    await Promise.all([client.connect(), clock.advance(1_000)]);
    const { container, faults, unmount } = await hydrated(html, app);
    await act(() => clock.advance(1_000));
    expect([html, faults]).toEqual(['<p>idle</p><p>waiting: </p>', []]);
    expect(container.innerHTML).toBe('<p>connected</p><p>ready: m1</p>');
    await unmount();
    await client.close();
  });

  it('in a boundary that hydrates when the client is connected and another component shows the room', async () => {
    const { client, clock } = started();
    const page = (until?: Promise<void>) => (
      <GoConnectProvider client={client}>
        <Lines />
        <Suspense fallback="loading">
          <Gate until={until}>
            <Status />
            <Lines />
          </Gate>
        </Suspense>
      </GoConnectProvider>
    );
    const html = renderToString(page());
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { container, faults, unmount } = await hydrated(html, page(gate));
    await act(() => clock.advance(1_000));
    expect(container.textContent).toBe('ready: m1idlewaiting: ');
    await act(async () => open());
    expect([container.textContent, faults]).toEqual(['ready: m1connectedready: m1', []]);
    await unmount();
    await client.close();
  });
});
