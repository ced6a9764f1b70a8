// @vitest-environment jsdom
import { act, cleanup, configure, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, it } from 'vitest';
import { type FakeNetwork, type FakeSocket, type SentEnvelope, welcome } from '../testing/fake-network.js';
import { answer, base, harness, message, v1, within } from '../testing/harness.js';
import { GoConnectProvider } from './provider.js';
import { useMessages } from './use-messages.js';

// Wraps the root: inside a wrapper component StrictMode would not mount everything twice.
configure({ reactStrictMode: true });
afterEach(cleanup);

const ROOM = 'network:n';
const past = (id: string) => ({
  id,
  scope: ROOM,
  user_id: 'u',
  body: id,
  created_at: '2026-01-01T00:00:00Z',
});
const turn = () => act(() => new Promise<void>((resolve) => setTimeout(resolve, 0)));

/** A room that is shown, on a server whose history the test answers. */
async function shown({ dialect = v1, rooms = [{ room: ROOM, epoch: 'e', seq: 0 }], hidden = false } = {}) {
  const it = harness();
  const { client, network, clock } = it;
  dialect(network, rooms as never);
  const asked: [FakeSocket, SentEnvelope][] = [];
  const onSent = (rest: FakeNetwork['onSent']) => {
    network.onSent = (socket, envelope) =>
      envelope.type === 'chat.history' ? void asked.push([socket, envelope]) : rest(socket, envelope);
  };
  onSent(answer);
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <GoConnectProvider client={client}>{!hidden && children}</GoConnectProvider>
  );
  const hook = renderHook(() => useMessages(ROOM), { wrapper });
  await act(() => clock.advance(1_000));
  return {
    ...it,
    hook,
    asked,
    onSent,
    show: () => {
      hidden = false;
      hook.rerender();
      return act(() => clock.settle());
    },
    leave: () => act(() => within(clock, 1_000, client.room(ROOM).leave())),
    join: (seq: number) => {
      onSent((socket, envelope) =>
        envelope.type === 'room.join'
          ? socket.ack(envelope, { room: ROOM, status: 'joined', epoch: 'e', seq })
          : answer(socket, envelope),
      );
      return act(() => within(clock, 1_000, client.room(ROOM).join()));
    },
    bodies: () => hook.result.current.messages.map(({ id, body }) => (id === body ? id : `${id}=${body}`)),
    tell: (...envelopes: object[]) =>
      act(async () => {
        for (const envelope of envelopes) network.last.push(envelope);
        await clock.settle();
      }),
    reload: () =>
      act(async () => {
        void hook.result.current.reload();
        await clock.settle();
      }),
    older: () =>
      act(async () => {
        void hook.result.current.loadOlder();
        await clock.settle();
      }),
    cut: () =>
      act(async () => {
        network.last.end(1006);
        await clock.settle();
      }),
    reconnect: () =>
      act(async () => {
        network.last.end(1006);
        await clock.advance(5_000);
      }),
    refuse: (at: number, code: string) =>
      act(async () => {
        const [socket, envelope] = asked[at] ?? [];
        const error = { code, message: 'no', details: {} };
        socket?.push({ type: 'error', op_id: envelope?.op_id, error });
        await clock.settle();
      }),
    page: (at: number, ids: readonly string[], next: string | null = null) =>
      act(async () => {
        const [socket, envelope] = asked[at] ?? [];
        socket?.ack(envelope, { messages: ids.map(past), next });
        await clock.settle();
      }),
  };
}

it('shows the newest page, oldest first, then what comes, each once; asked for once under StrictMode', async () => {
  const room = await shown();
  expect([room.asked.length, room.hook.result.current.history.status]).toEqual([1, 'loading']);
  await room.tell(message('m3', { room: ROOM, seq: 1 }));
  await room.page(0, ['m3', 'm2', 'm1'], 'm1');
  await room.tell(message('m4', { room: ROOM, seq: 2 }));
  expect(room.bodies()).toEqual(['m1', 'm2', 'm3', 'm4']);
  expect(room.hook.result.current.history).toEqual({ status: 'ready' });
  await room.client.close();
});

it('applies changes, also those told while the page they belong to was on its way', async () => {
  const room = await shown();
  const change = (seq: number, type: string, data: object) => ({ type, room: ROOM, seq, data });
  await room.tell(
    change(1, 'chat.edited', { message_id: 'm1', new_body: 'new', edited_at: '2026-01-01T00:00:01Z' }),
    change(2, 'chat.deleted', { message_id: 'm2', mode: 'hard', deleted_at: '2026-01-01T00:00:01Z' }),
  );
  await room.page(0, ['m4', 'm3', 'm2', 'm1']);
  await room.tell(
    change(3, 'chat.deleted', { message_id: 'm3', mode: 'soft', deleted_at: '2026-01-01T00:00:01Z' }),
    change(4, 'chat.redacted', { message_id: 'm4', redaction_mask: '***', redacted_by: 'm' }),
  );
  expect(room.bodies()).toEqual(['m1=new', 'm3=', 'm4=***']);
  await room.client.close();
});

it('asks for a page again when more has come meanwhile than can be told to it', async () => {
  const room = await shown();
  const many = Array.from({ length: 1_000 }, (_, index) =>
    message(`m${index}`, { room: ROOM, seq: index + 1 }),
  );
  await room.tell(...many);
  await room.page(0, ['m0']);
  expect([room.asked.length, room.hook.result.current.history.status]).toEqual([2, 'loading']);
  await room.page(1, ['m999', 'm998'], 'm998');
  await room.tell(message('m1000', { room: ROOM, seq: 1_001 }));
  expect(room.bodies()).toEqual(['m998', 'm999', 'm1000']);
  await room.client.close();
});

it('loads older pages until the beginning, one at a time', async () => {
  const room = await shown();
  await room.page(0, ['m4', 'm3'], 'm3');
  await act(async () => {
    void room.hook.result.current.loadOlder();
    void room.hook.result.current.loadOlder();
    await room.clock.settle();
  });
  expect(room.asked.slice(1).map(([, { data }]) => data)).toEqual([{ scope: ROOM, before: 'm3' }]);
  await room.page(1, ['m2', 'm1']);
  await act(() => room.hook.result.current.loadOlder());
  expect([room.bodies(), room.asked.length]).toEqual([['m1', 'm2', 'm3', 'm4'], 2]);
  await room.client.close();
});

it('says why the past could not be had, and can try again', async () => {
  const room = await shown();
  await room.refuse(0, 'ERR_FORBIDDEN');
  expect(room.hook.result.current.history).toMatchObject({
    status: 'failed',
    error: { code: 'ERR_FORBIDDEN' },
  });
  await room.reload();
  await room.page(1, ['m1']);
  expect(room.bodies()).toEqual(['m1']);
  await room.client.close();
});

it('loads nothing again after a reconnect where only an older page failed', async () => {
  const room = await shown();
  await room.page(0, ['m4', 'm3'], 'm3');
  await room.older();
  await room.page(1, ['m2'], 'm2');
  await room.older();
  await room.refuse(2, 'ERR_HANDLER_FAILED');
  expect(room.hook.result.current.history).toMatchObject({ status: 'failed', page: 'older' });
  await room.reconnect();
  expect([room.bodies(), room.asked.length, room.hook.result.current.older]).toEqual([
    ['m2', 'm3', 'm4'],
    3,
    'm2',
  ]);
  await room.older();
  await room.page(3, ['m1']);
  expect([room.bodies(), room.hook.result.current.history]).toEqual([
    ['m1', 'm2', 'm3', 'm4'],
    { status: 'ready' },
  ]);
  await room.client.close();
});

it('loads the newest page after a reconnect where that failed, and before any older one', async () => {
  const room = await shown();
  await room.page(0, ['m3'], 'm3');
  await room.reload();
  await room.refuse(1, 'ERR_HANDLER_FAILED');
  expect(room.hook.result.current.history).toMatchObject({ status: 'failed', page: 'newest' });
  await room.older();
  expect(room.asked[2]?.[1].data).toEqual({ scope: ROOM });
  await room.refuse(2, 'ERR_HANDLER_FAILED');
  await room.reconnect();
  await room.page(3, ['m4', 'm3'], 'm3');
  expect(room.bodies()).toEqual(['m3', 'm4']);
  await room.client.close();
});

it('is shown as soon as there is a connection when it is loaded again without one', async () => {
  const room = await shown();
  await room.refuse(0, 'ERR_HANDLER_FAILED');
  await room.cut();
  await room.reload();
  expect(room.hook.result.current.history).toMatchObject({ status: 'loading' });
  await act(() => room.clock.advance(5_000));
  await room.page(1, ['m1']);
  expect([room.bodies(), room.hook.result.current.history]).toEqual([['m1'], { status: 'ready' }]);
  await room.client.close();
});

it('says what is missing when it is loaded again without a connection, and none comes', async () => {
  const room = await shown();
  await room.page(0, ['m1']);
  await act(() => room.client.close());
  await room.reload();
  expect(room.hook.result.current.history).toMatchObject({ status: 'failed', error: { code: 'closed' } });
});

it('says that the past is not to be had when it was asked for before the server was known to have none', async () => {
  const room = await shown({ dialect: base });
  await room.cut();
  await room.reload();
  await act(() => room.clock.advance(5_000));
  expect(room.hook.result.current.history).toEqual({ status: 'unavailable' });
  await room.client.close();
});

it('loads the newest page again when the room was left and entered again, and something was said meanwhile', async () => {
  const room = await shown();
  await room.page(0, ['m1']);
  await room.leave();
  await room.join(4);
  expect([room.asked.length, room.hook.result.current.history.status]).toEqual([1, 'ready']);
  await room.tell(message('m5', { room: ROOM, seq: 5 }));
  expect(room.hook.result.current.history.status).toBe('loading');
  await room.page(1, ['m5', 'm4', 'm3', 'm2', 'm1']);
  expect(room.bodies()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
  await room.client.close();
});

it('loads nothing again when nothing was said meanwhile', async () => {
  const room = await shown();
  await room.page(0, ['m1']);
  await room.tell(message('m2', { room: ROOM, seq: 1 }));
  await room.leave();
  await room.join(1);
  await room.tell(message('m3', { room: ROOM, seq: 2 }));
  expect([room.asked.length, room.bodies()]).toEqual([1, ['m1', 'm2', 'm3']]);
  await room.client.close();
});

it('notices what was said between its page and the way back into the room, also where it is shown only then', async () => {
  const room = await shown({ hidden: true });
  await room.leave();
  await room.show();
  await room.page(0, ['m1']);
  await room.join(2);
  await room.tell(message('m3', { room: ROOM, seq: 3 }));
  await room.page(1, ['m3', 'm2', 'm1']);
  expect(room.bodies()).toEqual(['m1', 'm2', 'm3']);
  await room.client.close();
});

it('is there as soon as something is said in a room whose past was refused before one was a member', async () => {
  const room = await shown({ rooms: [] });
  await room.refuse(0, 'ERR_FORBIDDEN');
  await room.join(2);
  await room.tell(message('m3', { room: ROOM, seq: 3 }));
  await room.page(1, ['m3', 'm2', 'm1']);
  expect([room.bodies(), room.hook.result.current.history]).toEqual([
    ['m1', 'm2', 'm3'],
    { status: 'ready' },
  ]);
  await room.client.close();
});

it('asks once more at a message, and not at each, where a member may not read the past', async () => {
  const room = await shown();
  await room.refuse(0, 'ERR_FORBIDDEN');
  await room.tell(message('m1', { room: ROOM, seq: 1 }));
  await room.refuse(1, 'ERR_FORBIDDEN');
  await room.tell(message('m2', { room: ROOM, seq: 2 }), message('m3', { room: ROOM, seq: 3 }));
  expect([room.asked.length, room.bodies()]).toEqual([2, ['m1', 'm2', 'm3']]);
  await room.older();
  await room.page(2, ['m3', 'm2', 'm1']);
  expect(room.hook.result.current.history).toEqual({ status: 'ready' });
  await room.client.close();
});

it('asks no server again at each message that failed to answer', async () => {
  const room = await shown();
  await room.refuse(0, 'ERR_HANDLER_FAILED');
  await room.tell(message('m1', { room: ROOM, seq: 1 }), message('m2', { room: ROOM, seq: 2 }));
  expect([room.asked.length, room.hook.result.current.history.status]).toEqual([1, 'failed']);
  await room.client.close();
});

it('loads the newest page again after a gap, once', async () => {
  const room = await shown();
  await room.page(0, ['m1']);
  v1(room.network, [{ room: ROOM, epoch: 'e', seq: 9 }]);
  room.onSent((socket, envelope) =>
    envelope.type === 'session.resume'
      ? socket.ack(envelope, { rooms: [{ room: ROOM, status: 'gap', epoch: 'e', seq: 9 }] })
      : answer(socket, envelope),
  );
  await room.reconnect();
  await room.page(1, ['m9']);
  await room.tell(message('m10', { room: ROOM, seq: 10 }));
  expect([room.asked.length, room.bodies()]).toEqual([2, ['m9', 'm10']]);
  await room.client.close();
});

it('loads the past when a server turns out to have one after all', async () => {
  const room = await shown({ dialect: base });
  expect(room.hook.result.current.history.status).toBe('unavailable');
  await room.tell(welcome([{ room: ROOM, epoch: 'e', seq: 1 }]));
  await room.page(0, ['m1']);
  expect(room.bodies()).toEqual(['m1']);
  await room.client.close();
});

it('on a base server shows what comes, and says that the past is not to be had', async () => {
  const room = await shown({ dialect: base });
  await room.tell(message('m1'), message('m2', { data: { ...past('m2'), scope: 'host' } }));
  expect([room.bodies(), room.hook.result.current.history.status]).toEqual([['m1'], 'unavailable']);
  await room.client.close();
});

it('forgets the room when nobody shows it any more', async () => {
  const room = await shown();
  await room.page(0, ['m1']);
  room.hook.unmount();
  await turn();
  await room.clock.settle();
  expect([room.client.state.status, room.clock.pending]).toEqual(['closed', 0]);
  await room.tell(message('m2', { room: ROOM, seq: 1 }));
  expect(room.asked.length).toBe(1);
});
