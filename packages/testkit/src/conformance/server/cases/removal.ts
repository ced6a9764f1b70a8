import { must, mustEqual } from '../../case.js';
import type { ServerEnv } from '../server-env.js';
import type { ConformanceUser, ServerAdmin } from '../server-target.js';
import type { WireClient, WireEnvelope } from '../wire-client.js';

type Remove = (
  admin: ServerAdmin,
  networkId: string,
  owner: ConformanceUser,
  member: ConformanceUser,
) => Promise<void>;

/** Why somebody was removed: told with a kick and a ban. */
const REASON = 'rules';

/** The ways out of a network. */
export const REMOVALS = {
  kick: (admin, id, owner, member) => admin.kick(id, owner, member, REASON),
  ban: (admin, id, owner, member) => admin.ban(id, owner, member, REASON),
  leave: (admin, id, _, member) => admin.leave(id, member),
} as const satisfies Readonly<Record<string, Remove>>;

/**
 * Removes `two` from a network: everyone there, and each connection of theirs on either dialect, is told in order; after that
 * theirs hear no more of it and can do nothing there.
 */
export async function mustRemove(env: ServerEnv, how: keyof typeof REMOVALS): Promise<void> {
  const { connect, network, admin, one, two } = env;
  const id = await network();
  const scope = `network:${id}`;
  const owners = [await connect(one), await connect(one, { v1: false })] as const;
  const theirs = [await connect(two), await connect(two), await connect(two, { v1: false })];
  await REMOVALS[how](admin, id, one, two);
  const left = new Map<WireClient, WireEnvelope>();
  for (const client of [...owners, ...theirs]) left.set(client, await toldOf(client, how, id, two));
  const [owner] = owners;
  const { data } = await owner.ack('chat.send', { scope, body: 'after it' });
  await owner.event('chat.message', { id: data.message_id });
  for (const client of theirs) {
    await mustBeRefused(client, how, 'chat.send', { scope, body: 'still here?' });
    await mustBeRefused(client, how, 'room.join', { room: scope });
    await client.settle();
    const told = left.get(client);
    const since = client.received.slice(told ? client.received.indexOf(told) + 1 : 0);
    const heard = since.filter((one) => one.op_id === undefined && isOf(one, id)).map(({ type }) => type);
    mustEqual(heard, [], `what a connection heard of the network after the ${how}`);
  }
  await owner.settle();
  mustEqual(owner.events('chat.message', { scope, body: 'still here?' }).length, 0, 'messages of who is out');
}

/** `member.left`, which comes after what says why. */
async function toldOf(
  client: WireClient,
  how: keyof typeof REMOVALS,
  network_id: string,
  { id: user_id }: ConformanceUser,
): Promise<WireEnvelope> {
  const left = await client.event('member.left', { network_id, user_id });
  if (how === 'leave') return left;
  const [why] = client.events(`admin.${how}`, { network_id, user_id });
  must(
    why && client.received.indexOf(why) < client.received.indexOf(left),
    `member.left came without an admin.${how} before it`,
  );
  mustEqual(why.data.reason, REASON, 'reason');
  return left;
}

function isOf({ room, data }: WireEnvelope, networkId: string): boolean {
  const name = `network:${networkId}`;
  return room === name || data.scope === name || data.network_id === networkId;
}

export async function mustBeRefused(
  client: WireClient,
  after: string,
  type: string,
  data: object,
): Promise<void> {
  const reply = await client.request(type, data);
  const code = reply.error?.code ?? reply.type;
  must(
    ['ERR_FORBIDDEN', 'ERR_NOT_FOUND'].includes(code),
    `${type} was answered with ${code} after the ${after}`,
  );
}
