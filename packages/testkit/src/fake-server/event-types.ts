import type { EventType } from '@goconnect/protocol/validators';
import { EVENT_EXAMPLES } from './examples.js';

/** Every event of the contract. */
export const EVENT_TYPES = Object.keys(EVENT_EXAMPLES) as readonly EventType[];
