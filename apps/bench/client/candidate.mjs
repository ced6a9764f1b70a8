/**
 * A client on trial, connected to nobody and listening to one room.
 *
 * @typedef {object} Receiver
 * @property {(number: number, data: import('../support/message.mjs').ChatMessage) => string} frame the message of that
 *   number, counted from 1, as its server would send it
 * @property {(frame: string) => void} receive
 */

/** @typedef {(onMessage: (data: { readonly body: string }) => void) => Promise<Receiver>} Connect */

export {};
