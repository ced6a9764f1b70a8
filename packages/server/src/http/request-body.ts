import { LIMITS } from '@goconnect/protocol';
import { OperationError } from '../domain/operation-error.js';

/** Four times the largest body anybody needs. */
const MAX_BYTES = 65_536;

/** A request's body: its JSON, and the bytes that a repeat must have too. */
export interface RequestBody {
  readonly json: unknown;
  readonly bytes: Uint8Array;
}

/** The body is larger than any that is of use. */
export class BodyTooLarge extends OperationError {
  constructor() {
    super('ERR_INVALID_MESSAGE', `The body is over ${MAX_BYTES} bytes.`, { field: '', reason: 'validation' });
  }
}

/** Reads a body of bounded size, depth and width (A1.6). No body at all is an empty object. */
export async function readBody(request: Request): Promise<RequestBody> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0) return { json: {}, bytes };
  const text = decode(bytes);
  if (text === undefined || tooDeep(text)) throw notJson();
  const json = parse(text);
  if (isTooWide(json)) throw tooWide();
  return { json, bytes };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BYTES) throw new BodyTooLarge();
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of untilBroken(request.body as AsyncIterable<Uint8Array>)) {
    length += chunk.byteLength;
    if (length > MAX_BYTES) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whoever goes away before the end broke no server: nobody hears the answer, and nobody need look into it. */
async function* untilBroken(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch {
    throw new OperationError('ERR_INVALID_MESSAGE', 'The body ended before its time.', {
      field: '',
      reason: 'not_json',
    });
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Counted before parsing, so that nothing ever walks what is too deep. */
function tooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const char = json[index];
    if (inString) {
      if (char === '\\') index++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth > LIMITS.depth) return true;
  }
  return false;
}

/** Its depth is bounded by now. */
function isTooWide(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const children = Object.values(json);
  const most = Array.isArray(json) ? LIMITS.arrayItems : LIMITS.keysPerObject;
  return children.length > most || children.some(isTooWide);
}

function tooWide(): OperationError {
  return new OperationError(
    'ERR_INVALID_MESSAGE',
    'The body has too many keys in one object, or items in one array.',
    {
      field: '',
      reason: 'validation',
    },
  );
}

function notJson(): OperationError {
  return new OperationError(
    'ERR_INVALID_MESSAGE',
    `The body is not JSON in UTF-8 of at most ${LIMITS.depth} levels.`,
    { field: '', reason: 'not_json' },
  );
}
