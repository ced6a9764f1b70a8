import { isAttachmentUrl } from './attachment-url.js';
import { isRoom, isScope } from './room.js';
import { isMessageText, isOpaqueId } from './text.js';

/**
 * Rules that plain JSON Schema cannot state. A schema names one as its `format` (`goconnect-text`); zod runs the
 * function as a refinement and the generated validators call the very same function, so there is one truth per rule.
 */
export const FORMATS = {
  text: { test: isMessageText, expected: 'text of 1-4096 characters without NUL' },
  id: { test: isOpaqueId, expected: 'an id of 1-128 characters' },
  room: { test: isRoom, expected: '"host", "tenant:<id>" or "network:<id>"' },
  scope: { test: isScope, expected: '"host" or "network:<id>"' },
  url: { test: isAttachmentUrl, expected: 'an http(s) URL of 1-2048 characters without credentials' },
} as const satisfies Record<string, { test: (text: string) => boolean; expected: string }>;

export type FormatName = keyof typeof FORMATS;
