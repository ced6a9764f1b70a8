/**
 * A server on trial, with everybody who is connected in one room. What it is sent it answers and passes on only when it is
 * on disk.
 *
 * @typedef {object} Room
 * @property {number} port
 * @property {import('../support/member.mjs').Greeting} greeting
 * @property {string} scope
 * @property {'json' | 'socket.io'} dialect how a message is sent to it
 */

/** @typedef {(folder: string) => Promise<Room>} Start the folder is for its database */

/**
 * Where peers keep messages: resolves, or returns, when the message is on disk.
 * @typedef {{ append(message: import('../support/message.mjs').ChatMessage): void | Promise<void> }} Store
 */

export {};
