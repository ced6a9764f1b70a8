import { z } from 'zod';
import { messageEditJson, messageJson } from '../representations.js';
import { bearerRoute, type Route } from '../route.js';
import { historyQuery, message, messageEdit } from '../schemas/chat.js';
import { id } from '../schemas/fields.js';

/** Reading what was said. */
export const chatRoutes: readonly Route[] = [
  bearerRoute({
    method: 'get',
    path: '/v1/chat',
    name: 'listMessages',
    summary: 'A page of messages, newest first; oldest first with `after` (B3.5).',
    query: historyQuery,
    replies: { 200: message },
    list: true,
    handle: async ({ query: { scope, before, after, limit } }, { operations, identity }) => {
      const { messages, next } = await operations.chat.history(identity, {
        scope,
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        ...(limit !== undefined && { limit }),
      });
      return { status: 200, data: messages.map(messageJson), nextCursor: next };
    },
  }),
  bearerRoute({
    method: 'get',
    path: '/v1/chat/:message_id/edits',
    name: 'listEdits',
    summary: 'What a message said before it was changed (moderators).',
    params: z.object({ message_id: id }),
    replies: { 200: messageEdit },
    list: true,
    handle: async ({ params }, { operations, identity }) => {
      const edits = await operations.chat.edits(identity, params.message_id);
      return { status: 200, data: edits.map(messageEditJson), nextCursor: null };
    },
  }),
];
