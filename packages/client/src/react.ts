'use client';

export { GoConnectProvider, type GoConnectProviderProps, useClient } from './react/provider.js';
export type { ChatMessage, HistoryState } from './react/timeline.js';
export { useClientState } from './react/use-client-state.js';
export { useEvent } from './react/use-event.js';
export { type Messages, useMessages } from './react/use-messages.js';
export { useRoom } from './react/use-room.js';
