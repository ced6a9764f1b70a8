/**
 * A server on trial, with everybody who is connected in one room.
 *
 * @typedef {object} Room
 * @property {number} port
 * @property {import('../support/member.mjs').Greeting} greeting
 * @property {(messages: readonly import('../support/message.mjs').ChatMessage[]) => void} say sends them to everybody,
 *   in one turn of the event loop. Encoding them is part of it
 */

/** @typedef {() => Promise<Room>} Start */

export {};
