import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor, Role, Visibility } from '../domain/entities.js';
import { outcome } from './testing/outcome.js';
import { createWorld, EDIT_WINDOW, type World } from './testing/world.js';

const PAGE = readFileSync(new URL('../../PERMISSIONS.md', import.meta.url), 'utf8');

const PEOPLE = [
  ...['owner', 'admin', 'moderator', 'member', 'demoted', 'left', 'applicant', 'guest', 'banned'],
  ...['watcher', 'root', 'foreigner', 'foreign root'],
] as const;
/** Those whom things are done to. */
const OTHERS = [
  'other admin',
  'other moderator',
  'other member',
  'other guest',
  'other banned',
  'other applicant',
];

let world: World;
const people = new Map<string, Actor>();
const person = (name: string): Actor => {
  const found = people.get(name);
  if (!found) throw new Error(`There is no ${name}`);
  return found;
};

beforeAll(async () => {
  world = await createWorld('sqlite::memory:');
  const facts = (name: string) => ({
    ...(name.startsWith('foreign') && { tenantId: 'elsewhere' }),
    isAdmin: name.endsWith('root'),
    isModerator: name === 'watcher',
  });
  for (const name of [...PEOPLE, ...OTHERS])
    people.set(name, await world.user(name.replace(' ', '-'), facts(name)));
});
afterAll(() => world.close());

/** Where a cell plays. */
interface Place {
  /** Id of the network; empty in `host`. */
  readonly network: string;
  readonly scope: string;
}
type Act = (actor: Actor, place: Place) => Promise<unknown>;

/** A network with everybody in it as the page says. */
async function openNetwork(visibility: Visibility): Promise<Place> {
  const { networks } = world.operations;
  const owner = person('owner');
  const { id } = await networks.create(owner, { name: 'Net', visibility: 'public', joinPolicy: 'approval' });
  const enter = (name: string, role: Role) => world.enrol(id, person(name), role);
  for (const role of ['admin', 'moderator', 'member'] as const) {
    await enter(role, role);
    await enter(`other ${role}`, role);
  }
  await enter('demoted', 'admin');
  await networks.setRole(owner, id, person('demoted').userId, 'member');
  for (const name of ['left', 'banned', 'other banned']) await enter(name, 'moderator');
  await networks.leave(person('left'), id);
  for (const name of ['banned', 'other banned']) await networks.ban(owner, id, person(name).userId);
  for (const name of ['applicant', 'other applicant']) await networks.join(person(name), id);
  if (visibility === 'private') await networks.update(owner, id, { visibility });
  await networks.update(owner, id, { joinPolicy: 'open' });
  return { network: id, scope: `network:${id}` };
}

/** A message in a network, also by somebody who may not write there now. */
async function messageBy(actor: Actor, { network, scope }: Place): Promise<string> {
  if (network === '') return await send(actor, scope);
  const { store } = world;
  const role = await store.read((tx) => tx.members.get(network, actor.userId));
  if (role) return await send(actor, scope);
  const joinedAt = world.clock.now();
  await store.write((tx) =>
    tx.members.put({ networkId: network, userId: actor.userId, role: 'member', joinedAt }),
  );
  // Membership without the tenant is no way in: the row says who wrote it, whoever that was.
  const author = { userId: actor.userId, tenantId: 'default' };
  const id = await send(author, scope);
  await store.write((tx) => tx.members.delete(network, actor.userId));
  return id;
}

async function send(actor: Actor, scope: string): Promise<string> {
  return (await world.operations.chat.send({ actor }, { scope, body: 'hello' })).reply.message_id;
}

const on =
  (name: string, act: (actor: Actor, network: string, userId: string) => Promise<unknown>): Act =>
  (actor, { network }) =>
    act(actor, network, name === 'oneself' ? actor.userId : person(name).userId);
const toMessage =
  (
    author: string,
    act: (actor: Actor, id: string) => Promise<unknown>,
    before?: (id: string) => Promise<unknown>,
  ): Act =>
  async (actor, place) => {
    const id = await messageBy(author === 'own' ? actor : person(author), place);
    await before?.(id);
    return act(actor, id);
  };

const networks = () => world.operations.networks;
const chat = () => world.operations.chat;
const edit = (actor: Actor, message_id: string) => chat().edit({ actor }, { message_id, new_body: 'edited' });
const erase = (actor: Actor, message_id: string) => chat().delete({ actor }, { message_id, mode: 'soft' });
const redact = (actor: Actor, message_id: string) => chat().redact({ actor }, { message_id, mask: '***' });
const setRole = (role: Exclude<Role, 'owner'>) => (actor: Actor, network: string, userId: string) =>
  networks().setRole(actor, network, userId, role);
const kick = (...args: [Actor, string, string]) => networks().kick(...args);
const ban = (...args: [Actor, string, string]) => networks().ban(...args);
const later = async () => world.clock.advance(EDIT_WINDOW + 1);

/** What the rows of the page are called, and what is done for them. */
const ACTS: Readonly<Record<string, Act>> = {
  'read the network': (actor, { network }) => networks().get(actor, network),
  'change the network': (actor, { network }) => networks().update(actor, network, { name: 'Other' }),
  'delete the network': (actor, { network }) => networks().delete(actor, network),
  'list members': (actor, { network }) => networks().members(actor, network),
  'list requests': (actor, { network }) => networks().requests(actor, network),
  'list bans': (actor, { network }) => networks().bans(actor, network),
  invite: (actor, { network }) => networks().invite(actor, network, {}),
  join: (actor, { network }) => networks().join(actor, network),
  leave: (actor, { network }) => networks().leave(actor, network),
  'enter the room': (actor, { scope }) => world.operations.rooms.join(actor, scope),
  'approve an applicant': on('other applicant', (...args) => networks().approve(...args)),
  'deny an applicant': on('other applicant', (...args) => networks().deny(...args)),
  'kick a member': on('other member', kick),
  'kick a moderator': on('other moderator', kick),
  'kick an admin': on('other admin', kick),
  'kick the owner': on('owner', kick),
  'kick oneself': on('oneself', kick),
  'ban a member': on('other member', ban),
  'ban a moderator': on('other moderator', ban),
  'ban an admin': on('other admin', ban),
  'ban the owner': on('owner', ban),
  'ban a guest': on('other guest', ban),
  'lift a ban': on('other banned', (...args) => networks().unban(...args)),
  'make a member moderator': on('other member', setRole('moderator')),
  'make a member admin': on('other member', setRole('admin')),
  'make a moderator member': on('other moderator', setRole('member')),
  'make an admin member': on('other admin', setRole('member')),
  'make the owner member': on('owner', setRole('member')),
  'make oneself admin': on('oneself', setRole('admin')),
  send: (actor, { scope }) => send(actor, scope),
  'read history': (actor, { scope }) => chat().history(actor, { scope }),
  'edit an own message': toMessage('own', edit),
  'edit an own message, late': toMessage('own', edit, later),
  "edit a member's message": toMessage('other member', edit),
  "edit an admin's message": toMessage('other admin', edit),
  "edit somebody's message": toMessage('other guest', edit),
  'edit a deleted message': toMessage('other member', edit, (id) => erase(person('other member'), id)),
  'edit a redacted message': toMessage('other member', edit, (id) => redact(person('owner'), id)),
  'delete an own message': toMessage('own', erase),
  "delete a member's message": toMessage('other member', erase),
  "delete a moderator's message": toMessage('other moderator', erase),
  "delete an admin's message": toMessage('other admin', erase),
  "delete somebody's message": toMessage('other guest', erase),
  'redact an own message': toMessage('own', redact),
  "redact a member's message": toMessage('other member', redact),
  "redact a moderator's message": toMessage('other moderator', redact),
  "redact an admin's message": toMessage('other admin', redact),
  "redact somebody's message": toMessage('other guest', redact),
  "redact a root's message": async (actor, place) =>
    redact(actor, await messageBy(person(actor === person('root') ? 'foreign root' : 'root'), place)),
  'read what a message said before': toMessage('other member', (actor, id) => chat().edits(actor, id)),
};

const HOST: Place = { network: '', scope: 'host' };
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  'A public network': () => openNetwork('public'),
  'A private network': () => openNetwork('private'),
  'The room `host`': async () => HOST,
};

/** The tables under a heading of the page: rows of an operation and what it comes to for each of `PEOPLE`. */
function tableUnder(heading: string): readonly (readonly [operation: string, cells: readonly string[]])[] {
  const [, section = ''] = PAGE.split(`## ${heading}\n`);
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  const [head, , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(head).toEqual(['operation', ...PEOPLE]);
  return rows.map(([operation = '', ...cells]) => [operation, cells]);
}

const CELL: Readonly<Record<string, string>> = { ok: 'yes', ERR_FORBIDDEN: '403', ERR_NOT_FOUND: '404' };

describe.each(Object.entries(PLACES))('%s', (heading, open) => {
  const rows = tableUnder(heading);

  it.each(rows)('%s', async (operation, cells) => {
    const act = ACTS[operation];
    if (!act) throw new Error(`The page has an operation that the test does not know: ${operation}`);
    const got: Record<string, string> = {};
    for (const name of PEOPLE) {
      const place = await open();
      const [code = ''] = (await outcome(act(person(name), place))).split(' ');
      got[name] = CELL[code] ?? code;
    }
    expect(got).toEqual(Object.fromEntries(PEOPLE.map((name, index) => [name, cells[index]])));
  });
});

it('every operation of the test is on the page', () => {
  const told = new Set(
    Object.keys(PLACES).flatMap((heading) => tableUnder(heading).map(([operation]) => operation)),
  );
  expect([...told].sort()).toEqual(Object.keys(ACTS).sort());
});
