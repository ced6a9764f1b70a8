import { versionOf } from '../support/peers.mjs';
import { centrifuge } from './centrifuge.mjs';
import { goconnect } from './goconnect.mjs';
import { socketIo } from './socket.io.mjs';

/** The floor: nothing but `JSON.parse`. @type {import('./candidate.mjs').Connect} */
const parseAlone = async (onMessage) => ({
  frame: (_, data) => JSON.stringify({ type: 'chat.message', data }),
  receive: (frame) => onMessage(JSON.parse(frame).data),
});

/** @type {Record<string, { title: () => string, connect: import('./candidate.mjs').Connect }>} */
export const CANDIDATES = {
  'goconnect-strict': {
    title: () => `@goconnect/client ${versionOf('@goconnect/client')}, validate: 'strict'`,
    connect: goconnect('strict'),
  },
  'goconnect-off': {
    title: () => `@goconnect/client ${versionOf('@goconnect/client')}, validate: 'off'`,
    connect: goconnect('off'),
  },
  'socket.io-client': {
    title: () => `socket.io-client ${versionOf('socket.io-client')}`,
    connect: socketIo,
  },
  centrifuge: { title: () => `centrifuge ${versionOf('centrifuge')}, positioned`, connect: centrifuge },
  'JSON.parse': { title: () => '`JSON.parse` alone: the floor', connect: parseAlone },
};
