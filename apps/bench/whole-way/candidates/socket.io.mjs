import { startSocketIoChat } from '../socket-io-chat.mjs';
import { groupCommit } from '../stores.mjs';

/** socket.io with our group commit. @type {import('../candidate.mjs').Start} */
export const start = async (folder) => await startSocketIoChat(await groupCommit(folder));
