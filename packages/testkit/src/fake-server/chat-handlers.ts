import { type EventData, parseScope, type ReplyData, type RequestData } from '@goconnect/protocol/validators';
import { ROLES, type StoredMessage, type StoredUser } from './entities.js';
import type { Handler, HandlerContext } from './handler.js';
import { forbidden, invalid, notFound, Refusal } from './refusal.js';
import type { World } from './world.js';

const HISTORY_DEFAULT = 50;
/** Rank of somebody with no role; above it the ranks of `ROLES`, above those a deployment's admin. */
const STRANGER = -1;
const MODERATOR = ROLES.indexOf('moderator');
const ADMIN = ROLES.indexOf('admin');
const DEPLOYMENT_ADMIN = ROLES.length;

/** Needs only part of a context, so that a test can speak for a user who is not connected. */
export function send(
  { world, user, publish }: Pick<HandlerContext, 'world' | 'user' | 'publish'>,
  { scope, body, attachments = [] }: RequestData<'chat.send'>,
): ReplyData<'chat.send'> {
  requireMember(world, user, scope);
  const id = world.nextId('msg');
  const createdAt = world.now();
  const seq = world.log(scope).seq + 1;
  const message: StoredMessage = {
    id,
    scope,
    tenantId: user.tenantId,
    userId: user.id,
    body,
    attachments,
    createdAt,
    seq,
    redacted: false,
    deletedAt: null,
    editedAt: null,
  };
  world.messages.set(id, message);
  publish(scope, { type: 'chat.message', data: toWire(message) });
  return { message_id: id, status: 'sent' };
}

export const edit: Handler<'chat.edit'> = (context, { message_id, new_body }) => {
  const { world, user, settings, publish } = context;
  const message = findMessage(context, message_id);
  const own = message.userId === user.id && world.now() - message.createdAt <= settings.editWindowMs;
  if (!own && !(rank(world, user, message.scope) >= ADMIN && outranks(world, user, message))) {
    throw forbidden('Only its author within the edit window, or an admin, may edit a message');
  }
  if (message.deletedAt !== null || message.redacted)
    throw forbidden('A deleted or redacted message cannot be edited');
  message.body = new_body;
  message.editedAt = world.now();
  const edited_at = world.timestamp(message.editedAt);
  publish(message.scope, { type: 'chat.edited', data: { message_id, new_body, edited_at } });
  return { message_id, status: 'edited', edited_at };
};

export const remove: Handler<'chat.delete'> = (context, { message_id, mode }) => {
  const { world, publish } = context;
  const message = findMessage(context, message_id);
  requireAuthorOrModerator(context, message);
  if (mode === 'hard') world.messages.delete(message_id);
  message.body = '';
  message.deletedAt ??= world.now();
  const deleted_at = world.timestamp(message.deletedAt);
  publish(message.scope, { type: 'chat.deleted', data: { message_id, mode, deleted_at } });
  return { message_id, status: 'deleted', mode, deleted_at };
};

export const redact: Handler<'chat.redact'> = (context, { message_id, mask }) => {
  const { world, user, publish } = context;
  const message = findMessage(context, message_id);
  const own = message.userId === user.id;
  if (rank(world, user, message.scope) < MODERATOR || !(own || outranks(world, user, message))) {
    throw forbidden('Only a moderator may redact a message');
  }
  message.body = mask;
  message.redacted = true;
  publish(message.scope, {
    type: 'chat.redacted',
    data: { message_id, redaction_mask: mask, redacted_by: user.id },
  });
  return { message_id, status: 'redacted', redaction_mask: mask };
};

export const history: Handler<'chat.history'> = (
  { world, user },
  { scope, before, after, limit = HISTORY_DEFAULT },
) => {
  if (before !== undefined && after !== undefined)
    throw invalid('data.after', 'validation', 'Give before or after, not both');
  requireMember(world, user, scope);
  const all = [...world.messages.values()].filter(
    (message) => message.scope === scope && sameTenant(message, user),
  );
  const anchor = before ?? after;
  const at = anchor === undefined ? undefined : all.findIndex(({ id }) => id === anchor);
  if (at === -1) throw notFound('Message');
  const page = after === undefined ? all.slice(0, at).reverse() : all.slice((at ?? -1) + 1);
  const messages = page.slice(0, limit);
  return { messages: messages.map(toWire), next: page.length > limit ? (messages.at(-1)?.id ?? null) : null };
};

/** A message as readers see it. */
export function toWire(message: StoredMessage): EventData<'chat.message'> {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    id: message.id,
    scope: message.scope,
    user_id: message.userId,
    body: message.body,
    redacted: message.redacted,
    deleted_at: time(message.deletedAt),
    edited_at: time(message.editedAt),
    attachments: [...message.attachments],
    created_at: new Date(message.createdAt).toISOString(),
  };
}

/** A3.4, A3.5: what one may not know of is not found, what one may know of is forbidden. */
export function requireMember(world: World, user: StoredUser, room: string): void {
  if (world.isMember(room, user.id)) return;
  const scope = parseScope(room);
  const network = scope?.kind === 'network' ? world.visibleNetwork(scope.id, user) : undefined;
  throw network?.visibility === 'public' ? forbidden('Only members may do that') : notFound('Room');
}

function findMessage({ world, user }: HandlerContext, id: string): StoredMessage {
  const message = world.messages.get(id);
  if (!message || !sameTenant(message, user)) throw notFound('Message');
  requireMember(world, user, message.scope);
  return message;
}

function sameTenant(message: StoredMessage, user: StoredUser): boolean {
  return message.scope === 'host' || message.tenantId === user.tenantId;
}

function requireAuthorOrModerator({ world, user }: HandlerContext, message: StoredMessage): void {
  if (message.userId === user.id) return;
  if (rank(world, user, message.scope) >= MODERATOR && outranks(world, user, message)) return;
  throw new Refusal('ERR_FORBIDDEN', 'Only its author or a moderator may delete a message');
}

function rank(world: World, user: StoredUser, scope: string): number {
  if (user.isAdmin) return DEPLOYMENT_ADMIN;
  const parsed = parseScope(scope);
  const role = parsed?.kind === 'network' ? world.networks.get(parsed.id)?.members.get(user.id) : undefined;
  const inNetwork = role === undefined ? STRANGER : ROLES.indexOf(role);
  return user.isModerator ? Math.max(MODERATOR, inNetwork) : inNetwork;
}

/** A3.7: nobody acts on a peer or a superior. */
function outranks(world: World, user: StoredUser, message: StoredMessage): boolean {
  const author = world.users.get(message.userId);
  return !author || rank(world, user, message.scope) > rank(world, author, message.scope);
}
