import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { OperationError } from '../domain/operation-error.js';
import type { Passwords } from '../ports/tokens.js';

/** Parameters of scrypt: memory is 128 * 2^logN * r bytes. */
interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and some 0.2 s: what OWASP counts as equal to N=2^17, p=1 with a quarter of the memory. */
const DEFAULT_COST: Cost = { logN: 15, r: 8, p: 3 };
/** For demo passwords, which everybody knows: some 20 ms. */
export const DEMO_COST: Cost = { logN: 13, r: 8, p: 1 };
/** What a stored hash may ask of this machine. */
const LARGEST_COST: Cost = { logN: 20, r: 16, p: 16 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Hashes at once: libuv has four threads, and files and DNS need some of them. */
const CONCURRENT = 2;
/** Callers that wait for their turn; past it they are asked to come back. */
const WAITING = 256;

/**
 * Passwords by scrypt. The parameters stand in the hash (`$scrypt$ln=15,r=8,p=3$salt$key`), so that they can be
 * raised and older hashes still be checked.
 */
export function createScryptPasswords(cost: Cost = DEFAULT_COST): Passwords {
  const turn = createTurns();

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const key = await turn(() => derive(password, salt, cost, KEY_BYTES));
      return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
    },
    async verify(password, hash) {
      const stored = parse(hash);
      if (!stored) return false;
      const key = await turn(() => derive(password, stored.salt, stored.cost, stored.key.length));
      return timingSafeEqual(key, stored.key);
    },
  };
}

function derive(password: string, salt: Buffer, { logN, r, p }: Cost, length: number): Promise<Buffer> {
  const N = 2 ** logN;
  // Two keyboards may write the same character in two ways.
  const text = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(text, salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function parse(
  hash: string,
): { readonly cost: Cost; readonly salt: Buffer; readonly key: Buffer } | undefined {
  const [, logN, r, p, salt = '', key = ''] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]{16,128})\$([\w-]{22,128})$/.exec(hash) ?? [];
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const { logN: maxLogN, r: maxR, p: maxP } = LARGEST_COST;
  const fits =
    cost.logN >= 1 && cost.logN <= maxLogN && cost.r >= 1 && cost.r <= maxR && cost.p >= 1 && cost.p <= maxP;
  return fits
    ? { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') }
    : undefined;
}

/** Lets so many run at once and so many wait. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < CONCURRENT) running++;
    else if (waiting.length >= WAITING)
      throw new OperationError('ERR_RATE_LIMIT', 'Too many log-ins at once; try again in a moment.', {
        retry_after_ms: 1_000,
      });
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A turn is handed on, so that nobody slips in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
