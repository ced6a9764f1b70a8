// @vitest-environment jsdom
import { act, cleanup, configure, render, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { type Harness, harness, message, v1 } from '../testing/harness.js';
import { GoConnectProvider, type GoConnectProviderProps, useClient } from './provider.js';
import { useClientState } from './use-client-state.js';
import { useEvent } from './use-event.js';
import { useRoom } from './use-room.js';

// Wraps the root: inside a wrapper component StrictMode would not mount everything twice.
configure({ reactStrictMode: true });
afterEach(cleanup);

/** A macrotask: what is deferred to the end of the turn has happened. */
const turn = () => act(() => new Promise<void>((resolve) => setTimeout(resolve, 0)));

const below = (client: Harness['client'], props: Partial<GoConnectProviderProps> = {}) => ({
  wrapper: ({ children }: { readonly children: ReactNode }) => (
    <GoConnectProvider client={client} {...props}>
      {children}
    </GoConnectProvider>
  ),
});

function Status() {
  return <output>{useClientState().status}</output>;
}

describe('<GoConnectProvider> under StrictMode', () => {
  it('dials once, although React mounts everything twice', async () => {
    const { client, network, clock, told } = harness();
    v1(network);
    const { container, unmount } = render(<Status />, below(client));
    await turn();
    await act(() => clock.advance(1_000));
    expect([network.sockets.length, container.textContent]).toEqual([1, 'connected']);
    expect(told).toEqual(['state:connecting', 'state:connected']);
    unmount();
    await turn();
    await clock.settle();
    expect([client.state.status, network.sockets.some((socket) => socket.live)]).toEqual(['closed', false]);
  });

  it('keeps the connection while it moves in the tree, and while another provider is left', async () => {
    const { client, network, clock } = harness();
    v1(network);
    const tree = (key: string, second: boolean) => (
      <>
        <GoConnectProvider key={key} client={client} />
        {second && <GoConnectProvider client={client} />}
      </>
    );
    const { rerender, unmount } = render(tree('a', true));
    await turn();
    await act(() => clock.advance(1_000));
    rerender(tree('b', true));
    await turn();
    rerender(tree('b', false));
    await turn();
    expect([network.sockets.length, client.state.status]).toEqual([1, 'connected']);
    unmount();
    await turn();
    await clock.settle();
    expect(client.state.status).toBe('closed');
  });

  it('stays connected when it comes back while the one before still waits for what is unsettled', async () => {
    const { client, network, clock } = harness();
    v1(network);
    const first = render(<Status />, below(client, { flushMs: 60_000 }));
    await turn();
    await act(() => clock.advance(1_000));
    network.onSent = () => {};
    const sent = client.request('chat.send', { scope: 'host', body: 'slow' });
    first.unmount();
    await turn();
    const second = render(<Status />, below(client));
    await turn();
    network.last.ack(network.last.requests('chat.send')[0], { message_id: 'm', status: 'sent' });
    await sent;
    await act(() => clock.advance(1_000));
    expect([network.sockets.length, second.container.textContent]).toEqual([1, 'connected']);
    second.unmount();
    await turn();
  });

  it('connects again when it comes back', async () => {
    const { client, network, clock } = harness();
    v1(network);
    const first = render(<Status />, below(client));
    await turn();
    first.unmount();
    await turn();
    const second = render(<Status />, below(client));
    await turn();
    await act(() => clock.advance(1_000));
    expect(second.container.textContent).toBe('connected');
    await client.close();
  });

  it('leaves a client alone whose life the application manages', async () => {
    const { client, network } = harness();
    const { unmount } = render(<Status />, below(client, { lifetime: 'app' }));
    await turn();
    unmount();
    await turn();
    expect([network.sockets.length, client.state.status]).toEqual([0, 'idle']);
  });
});

describe('hooks', () => {
  it('say what is missing where there is no provider', () => {
    expect(() => renderHook(() => useClient(), { onCaughtError: () => {} } as object)).toThrow(
      '<GoConnectProvider',
    );
  });

  it('useRoom gives the same handle each time', () => {
    const { client } = harness();
    const { result, rerender } = renderHook(() => useRoom('host'), below(client, { lifetime: 'app' }));
    const before = result.current;
    rerender();
    expect([result.current === before, before.name]).toEqual([true, 'host']);
  });

  it('useEvent hears each event once, with the listener of the latest render, until it is unmounted', async () => {
    const { client, network, clock } = harness();
    v1(network);
    const heard: string[] = [];
    const { rerender, unmount } = renderHook(
      ({ mark }) => useEvent('chat.message', ({ id }) => void heard.push(`${mark}:${id}`)),
      { ...below(client, { lifetime: 'app' }), initialProps: { mark: 'a' } },
    );
    await Promise.all([client.connect(), clock.advance(1_000)]);
    const tell = async (id: string) => {
      network.last.push(message(id));
      await clock.settle();
    };
    await tell('m1');
    rerender({ mark: 'b' });
    await tell('m2');
    unmount();
    await tell('m3');
    expect(heard).toEqual(['a:m1', 'b:m2']);
    await client.close();
  });

  it('useEvent can listen to one room', async () => {
    const { client, network, clock } = harness();
    v1(network, [
      { room: 'network:a', epoch: 'e', seq: 0 },
      { room: 'network:b', epoch: 'e', seq: 0 },
    ]);
    const heard: string[] = [];
    renderHook(
      () => useEvent('chat.message', ({ id }) => void heard.push(id), { room: 'network:b' }),
      below(client, { lifetime: 'app' }),
    );
    await Promise.all([client.connect(), clock.advance(1_000)]);
    network.last.push(message('m1', { room: 'network:a', seq: 1 }));
    network.last.push(message('m2', { room: 'network:b', seq: 1 }));
    await clock.settle();
    expect(heard).toEqual(['m2']);
    await client.close();
  });
});
