import { expect, it } from 'vitest';
import { answer, harness, message, v1, within } from '../testing/harness.js';
import { roomPlaces } from './room-places.js';

const ROOM = 'network:n';

/** A connected client, what was told of the room, and how to tell it an entry. */
async function followed() {
  const it = harness();
  const { client, network, clock } = it;
  v1(network, [{ room: ROOM, epoch: 'e', seq: 3 }]);
  const heard: boolean[] = [];
  const stop = roomPlaces(client).watch(ROOM, (follows) => heard.push(follows));
  await Promise.all([client.connect(), clock.advance(1_000)]);
  const entry = async (seq: number, more: object = {}) => {
    network.last.push(message(`m${seq}`, { room: ROOM, seq, ...more }));
    await clock.settle();
  };
  return { ...it, heard, stop, entry };
}

it('follows on the welcome, whatever the entries are', async () => {
  const { client, heard, stop, entry } = await followed();
  await entry(4);
  await entry(5, { type: 'poll.opened' });
  await entry(6, { data: 'nonsense' });
  await entry(1, { room: 'host' });
  await entry(7, { type: 'member.joined', data: { network_id: 'n', user_id: 'u' } });
  stop();
  await entry(8);
  expect(heard).toEqual([true, true, true, true]);
  await client.close();
});

it('notices what was said while the room was left', async () => {
  const { client, network, clock, heard, entry } = await followed();
  const room = client.room(ROOM);
  await within(clock, 1_000, room.leave());
  network.onSent = (socket, envelope) =>
    envelope.type === 'room.join'
      ? socket.ack(envelope, { room: ROOM, status: 'joined', epoch: 'e', seq: 6 })
      : answer(socket, envelope);
  await within(clock, 1_000, room.join());
  await entry(7);
  await entry(8);
  expect(heard).toEqual([false, true]);
  await client.close();
});

it('goes on after a gap, which it tells', async () => {
  const { client, network, clock, heard, entry } = await followed();
  network.last.end(1006);
  v1(network, [{ room: ROOM, epoch: 'e', seq: 9 }]);
  network.onSent = (socket, envelope) =>
    envelope.type === 'session.resume'
      ? socket.ack(envelope, { rooms: [{ room: ROOM, status: 'gap', epoch: 'e', seq: 9 }] })
      : answer(socket, envelope);
  await clock.advance(5_000);
  await entry(10);
  expect(heard).toEqual([false, true]);
  await client.close();
});

it('takes what it hears first of a room as the beginning', async () => {
  const { client, network, clock } = await followed();
  const heard: boolean[] = [];
  roomPlaces(client).watch('network:new', (follows) => heard.push(follows));
  network.last.push(message('a', { room: 'network:new', seq: 5 }));
  await clock.settle();
  expect(heard).toEqual([true]);
  await client.close();
});
