import type { BusMessage } from '../../ports/bus.js';
import { isFields, isText, readBusMessage } from './bus-message.js';

/**
 * What is published in one piece. Redis cuts a subscriber off for whom 8 MB wait for a minute, or 32 MB at all
 * (client-output-buffer-limit pubsub), and takes nothing else meanwhile.
 */
const PIECE_BYTES = 262_144;
/** A single message larger than a piece is a piece of its own, up to this. Nor is anything larger looked into. */
export const MOST_BYTES = 4_194_304;

const VERSION = 1;

/** One text to publish. */
export interface Piece {
  readonly text: string;
  readonly bytes: number;
  readonly messages: number;
}

export interface Heard {
  /** Who said it. */
  readonly node: string;
  readonly messages: readonly BusMessage[];
  /** How many more there were that no version says. Kinds of a newer one do not count. */
  readonly invalid: number;
}

/** Messages in their order, in pieces; `tooLarge` of them are in none. */
export function encodeMessages(
  node: string,
  messages: readonly BusMessage[],
): { readonly pieces: readonly Piece[]; readonly tooLarge: number } {
  const pieces: Piece[] = [];
  const head = `{"v":${VERSION},"node":${JSON.stringify(node)},"messages":[`;
  let waiting: string[] = [];
  let bytes = 0;
  let tooLarge = 0;
  const close = () => {
    if (waiting.length === 0) return;
    const text = `${head}${waiting.join(',')}]}`;
    pieces.push({ text, bytes: Buffer.byteLength(text), messages: waiting.length });
    waiting = [];
    bytes = 0;
  };
  for (const message of messages) {
    const text = JSON.stringify(message);
    const size = Buffer.byteLength(text);
    if (size + head.length + 2 > MOST_BYTES) {
      tooLarge++;
      continue;
    }
    if (bytes + size > PIECE_BYTES) close();
    waiting.push(text);
    bytes += size + 1;
  }
  close();
  return { pieces, tooLarge };
}

/** Says nothing to anybody. Who may not publish is refused it. */
export const emptyPiece = (node: string) => `{"v":${VERSION},"node":${JSON.stringify(node)},"messages":[]}`;

/** What came over the line, or undefined when it is none of ours or of another version. Never throws. */
export function decodeMessages(text: string): Heard | undefined {
  if (text.length > MOST_BYTES) return undefined;
  const envelope = parseJson(text);
  if (!isFields(envelope) || envelope.v !== VERSION) return undefined;
  const { node, messages } = envelope;
  if (!isText(node) || !Array.isArray(messages)) return undefined;
  const known: BusMessage[] = [];
  let invalid = 0;
  for (const one of messages) {
    const message = readBusMessage(one);
    if (message === 'invalid') invalid++;
    else if (message !== 'unknown') known.push(message);
  }
  return { node, messages: known, invalid };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
