import { type EventData, parseScope, type ReplyData, type RequestData } from '@goconnect/protocol/validators';
import { type Entry, ROLES, type StoredMessage, type StoredUser } from './entities.js';
import type { Handler, HandlerContext } from './handler.js';
import { forbidden, invalid, notFound, type Refusal } from './refusal.js';
import { isOfTenant, type World } from './world.js';

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
  mustBeThere(message);
  if (message.userId === user.id) {
    const inTime = world.now() - message.createdAt <= settings.editWindowMs;
    if (!inTime && rank(world, user, message.scope) < ADMIN)
      throw forbidden('edit_window', 'The time in which this message could be edited is over');
  } else if (rank(world, user, message.scope) < ADMIN || !outranks(world, user, message)) throw tooLow();
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
  const before = message.deletedAt;
  if (mode === 'soft' && before !== null)
    return { message_id, status: 'deleted', mode, deleted_at: world.timestamp(before) };
  if (mode === 'hard') world.forget(message);
  message.body = '';
  message.attachments = [];
  message.deletedAt = world.now();
  const deleted_at = world.timestamp(message.deletedAt);
  publish(message.scope, { type: 'chat.deleted', data: { message_id, mode, deleted_at } });
  unsay(world, message);
  return { message_id, status: 'deleted', mode, deleted_at };
};

export const redact: Handler<'chat.redact'> = (context, { message_id, mask }) => {
  const { world, user, publish } = context;
  const message = findMessage(context, message_id);
  const own = message.userId === user.id;
  if (rank(world, user, message.scope) < MODERATOR || !(own || outranks(world, user, message)))
    throw tooLow();
  if (message.deletedAt !== null) throw forbidden('deleted', 'The message was deleted');
  message.body = mask;
  message.attachments = [];
  message.redacted = true;
  publish(message.scope, {
    type: 'chat.redacted',
    data: { message_id, redaction_mask: mask, redacted_by: user.id },
  });
  unsay(world, message);
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
    (message) => message.scope === scope && isOfTenant(message, user),
  );
  const anchor = before ?? after;
  const at = anchor === undefined ? Number.POSITIVE_INFINITY : world.placeOf(anchor, scope, user);
  if (at === undefined) throw notFound('Message', before === undefined ? 'data.after' : 'data.before');
  const page =
    after === undefined ? all.filter(({ seq }) => seq < at).reverse() : all.filter(({ seq }) => seq > at);
  const messages = page.slice(0, limit);
  return { messages: messages.map(toWire), next: page.length > limit ? (messages.at(-1)?.id ?? null) : null };
};

/** A3.6: a resume replays the log, and must not tell what everyone else can no longer read. */
function unsay(world: World, message: StoredMessage): void {
  const said = toWire({ ...message, editedAt: null });
  world.log(message.scope).rewrite((entry): Entry => {
    if (entry.type === 'chat.message' && entry.data.id === message.id) return { ...entry, data: said };
    if (entry.type === 'chat.edited' && entry.data.message_id === message.id)
      return { ...entry, data: { ...entry.data, new_body: message.body } };
    return entry;
  });
}

/** A message as readers see it. */
export function toWire(message: StoredMessage): EventData<'chat.message'> {
  const time = (at: number) => new Date(at).toISOString();
  return {
    id: message.id,
    scope: message.scope,
    user_id: message.userId,
    body: message.body,
    redacted: message.redacted,
    deleted_at: message.deletedAt === null ? null : time(message.deletedAt),
    // Our servers add it to the published page, and only where there is something to say.
    ...(message.editedAt !== null && { edited_at: time(message.editedAt) }),
    attachments: [...message.attachments],
    created_at: time(message.createdAt),
  };
}

/** A3.4, A3.5: what one may not know of is not found, what one may know of is forbidden. */
export function requireMember(world: World, user: StoredUser, room: string): void {
  if (world.isMember(room, user.id)) return;
  const scope = parseScope(room);
  const network = scope?.kind === 'network' ? world.visibleNetwork(scope.id, user) : undefined;
  throw network?.visibility === 'public'
    ? forbidden('not_a_member', 'Only members may do that')
    : notFound('Room');
}

function findMessage({ world, user }: HandlerContext, id: string): StoredMessage {
  const message = world.messages.get(id);
  if (!message || !isOfTenant(message, user)) throw notFound('Message');
  requireMember(world, user, message.scope);
  return message;
}

function mustBeThere({ deletedAt, redacted }: StoredMessage): void {
  if (deletedAt !== null) throw forbidden('deleted', 'The message was deleted');
  if (redacted) throw forbidden('redacted', 'The message was redacted');
}

function tooLow(): Refusal {
  return forbidden('rank', 'You may not do this to a message of this author');
}

function requireAuthorOrModerator({ world, user }: HandlerContext, message: StoredMessage): void {
  if (message.userId === user.id) return;
  if (rank(world, user, message.scope) >= MODERATOR && outranks(world, user, message)) return;
  throw tooLow();
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
