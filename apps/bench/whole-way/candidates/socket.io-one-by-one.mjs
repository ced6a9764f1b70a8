import { startSocketIoChat } from '../socket-io-chat.mjs';
import { oneByOne } from '../stores.mjs';

/** socket.io with a transaction for each message. @type {import('../candidate.mjs').Start} */
export const start = (folder) => startSocketIoChat(oneByOne(folder));
