/** Stands once in each body and nowhere else, so that counting messages is counting this byte. */
export const MARK = '|';
/** Likewise in each `op_id`, which only an answer repeats. */
export const OP_MARK = '^';

const FILLING = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod';

/** What somebody says: some hundred bytes. @param {string} first */
export const bodyOf = (first) => `${first}${MARK} ${FILLING}`;

/**
 * The data of a `chat.message`, as GoConnect sends it; everybody else sends the same.
 * @param {{ number: number, scope: string, body: string }} message
 */
export function chatMessage({ number, scope, body }) {
  return {
    id: `msg-${String(number).padStart(12, '0')}`,
    scope,
    user_id: 'user-0',
    body,
    redacted: false,
    deleted_at: null,
    attachments: [],
    created_at: '2026-01-01T00:00:00.000Z',
  };
}

/** @typedef {ReturnType<typeof chatMessage>} ChatMessage */
