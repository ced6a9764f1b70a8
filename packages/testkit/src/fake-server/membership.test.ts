import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VirtualClock } from '../time/virtual-clock.js';
import { createFakeServer } from './create-fake-server.js';
import type { FakeServer } from './fake-server.js';

let server: FakeServer;
/** What ada hears of members, in short. */
let heard: string[];

beforeEach(async () => {
  server = createFakeServer();
  heard = [];
  const socket = new (server.WebSocket as NonNullable<FakeServer['WebSocket']>)(
    `${server.url}?token=${server.token('ada')}`,
  );
  socket.onmessage = ({ data }) => {
    const { type, data: said } = JSON.parse(String(data));
    if (/^(member|admin|request)\./.test(type)) heard.push(`${type} ${said.user_id}`);
  };
  await rest();
});
afterEach(() => server.close());

const rest = () => (server.clock as VirtualClock).advance(0);
const mayRedact = async () => {
  const id = server.say('network:lobby', 'grace', 'x');
  const socket = new (server.WebSocket as NonNullable<FakeServer['WebSocket']>)(
    `${server.url}?token=${server.token('ada')}`,
  );
  const answers: string[] = [];
  socket.onmessage = ({ data }) => {
    const { op_id, type } = JSON.parse(String(data));
    if (op_id) answers.push(type);
  };
  await rest();
  socket.send(JSON.stringify({ type: 'chat.redact', op_id: 'r', data: { message_id: id, mask: '*' } }));
  await rest();
  return answers[0] === 'ack';
};

describe('who is in a network already', () => {
  it('stays what they are when they are added again, and nobody hears of it', async () => {
    server.addMember('lobby', 'ada');
    server.addMember('lobby', 'grace', 'moderator');
    await rest();
    expect(heard).toEqual([]);
    expect(await mayRedact(), 'the owner is the owner').toBe(true);
  });

  it('gets another role by setRole() only', () => {
    expect(() => server.addMember('lobby', 'ada', 'member')).toThrow(
      /ada is in lobby already, as owner.*setRole/,
    );
    server.setRole('lobby', 'linus', 'admin');
    server.addMember('lobby', 'linus', 'admin');
  });

  it('cannot ask to join', () => {
    expect(() => server.askToJoin('lobby', 'grace')).toThrow(/grace is in lobby already/);
  });
});

describe('who is not in a network', () => {
  it.each([
    ['leave', () => server.removeMember('attic', 'grace')],
    ['be kicked', () => server.removeMember('attic', 'grace', 'kick')],
    ['get a role', () => server.setRole('attic', 'grace', 'admin')],
  ])('cannot %s', async (_, use) => {
    expect(use).toThrow(/grace is not in attic.*Members are ada.*addMember/);
    await rest();
    expect(heard).toEqual([]);
  });

  it('can be banned, once, and never left', async () => {
    server.removeMember('attic', 'grace', 'ban');
    server.removeMember('attic', 'grace', 'ban', 'again');
    await rest();
    expect(heard).toEqual(['admin.ban grace']);
  });

  it('has to be somebody', () => {
    expect(() => server.removeMember('lobby', 'nobody', 'ban')).toThrow(/no user "nobody"/);
    expect(() => server.askToJoin('attic', 'nobody')).toThrow(/no user "nobody"/);
  });
});

it('A4.2: who was banned neither comes back nor asks to; who was kicked may', async () => {
  server.removeMember('lobby', 'linus', 'ban');
  expect(() => server.addMember('lobby', 'linus')).toThrow(/linus is banned from lobby/);
  expect(() => server.askToJoin('lobby', 'linus')).toThrow(/linus is banned from lobby/);
  server.removeMember('lobby', 'grace', 'kick');
  server.addMember('lobby', 'grace');
  await rest();
  expect(heard).toEqual([
    'admin.ban linus',
    'member.left linus',
    'admin.kick grace',
    'member.left grace',
    'member.joined grace',
  ]);
});
