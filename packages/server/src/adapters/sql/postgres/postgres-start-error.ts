import { StartError } from '../../../domain/start-error.js';
import { tlsAdvice } from '../../tls-advice.js';

const CUT =
  'the connection was cut: try again in a moment if PostgreSQL is just stopping or starting, else look whether it is PostgreSQL that listens there';
const NOT_NOW = 'it is just stopping or starting: try again in a moment';
const SILENT = 'the host does not answer: look at the network and its firewall';
const NO_FILE = 'a file of sslrootcert, sslcert or sslkey cannot be read: correct its path';
const NO_CERTIFICATE = 'a file of sslrootcert, sslcert or sslkey holds none that can be used: correct it';

/**
 * Codes of the operating system, of TLS and of PostgreSQL that say something to an operator; where one says several
 * things, with the system call or the routine it came from.
 */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start PostgreSQL, or correct host and port',
  ENOTFOUND: 'the host is unknown: correct its name',
  EAI_AGAIN: 'the host cannot be looked up: look at the network',
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: 'the host cannot be reached: look at the network',
  'ENOENT connect': 'there is no such socket: start PostgreSQL, or correct the path',
  'EACCES connect': 'this user may not use its socket: look at the rights of the folder',
  'ENOENT open': NO_FILE,
  'EACCES open': NO_FILE,
  'EISDIR read': NO_FILE,
  ECONNRESET: CUT,
  ERR_OSSL_PEM_NO_START_LINE: NO_CERTIFICATE,
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: NO_CERTIFICATE,
  ...tlsAdvice('PostgreSQL', 'sslrootcert'),
  '28P01': 'user or password are wrong',
  '28000': 'this user may not log in from here: look at pg_hba.conf',
  '3D000': 'there is no such database: create it with createdb',
  '3F000': 'there is no schema to make tables in: create it, or correct search_path',
  '25006':
    'it takes no writes: name the server that does if this is its standby, else look at default_transaction_read_only',
  '42501':
    'this user may not create tables: grant it CREATE on the schema, or make it the owner of what is there',
  '53300': 'it has no connections left: raise max_connections',
  '53300 InitializeSessionUserId': 'this user has no connections left: raise its CONNECTION LIMIT',
  '53300 CheckMyDatabase': 'this database has no connections left: raise its CONNECTION LIMIT',
  '57P01': NOT_NOW,
  '57P02': NOT_NOW,
  '57P03': NOT_NOW,
};

/** What comes without a code, from the driver. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/timeout/, SILENT],
  [/does not support SSL/, 'it speaks no TLS: set ssl = on in postgresql.conf, or say sslmode=disable'],
  [/terminated unexpectedly|invalid response|establishing an SSL connection/, CUT],
];

/** One line for a PostgreSQL that cannot be used; never names the password. Anything unforeseen is handed back as it is. */
export function postgresStartError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StartError) return error;
  const why = adviceFor(error);
  if (why === undefined) return error;
  return new StartError(`DATABASE_URL: PostgreSQL cannot be used: ${why}.`, { cause: error });
}

function adviceFor(error: Error): string | undefined {
  const [code, syscall, routine] = ['code', 'syscall', 'routine'].map((name) => wordOf(error, name));
  return (
    (code === '42501' ? revokedAdvice(error.message) : undefined) ??
    ADVICE[`${code} ${syscall ?? routine}`] ??
    ADVICE[`${code}`] ??
    TEXTS.find(([text]) => text.test(error.message))?.[1]
  );
}

/** PostgreSQL says what was refused only in its text, in the language of the server; names stand in it in each, and only its own begin so. */
function revokedAdvice(text: string): string | undefined {
  const [name] = /\bpg_\w+/.exec(text) ?? [];
  return name && `this user may not use ${name}, which everybody may by default: grant it that right again`;
}

function wordOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
