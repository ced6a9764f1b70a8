import { StartError } from '../../../domain/start-error.js';

/** Codes of the operating system and of PostgreSQL that say something to an operator. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start PostgreSQL, or correct host and port',
  ENOTFOUND: 'the host is unknown: correct its name',
  EAI_AGAIN: 'the host cannot be looked up: look at the network',
  ETIMEDOUT: 'the host does not answer: look at the network and its firewall',
  EHOSTUNREACH: 'the host cannot be reached: look at the network',
  ENOENT: 'there is no such socket: start PostgreSQL, or correct the path',
  ECONNRESET: 'the connection was cut: is it PostgreSQL that listens there?',
  '28P01': 'user or password are wrong',
  '28000': 'this user may not log in from here: look at pg_hba.conf',
  '3D000': 'there is no such database: create it with createdb',
  '3F000': 'there is no schema to make tables in: create it, or correct search_path',
  '42501': 'this user may not create tables: grant it CREATE on the schema',
  '53300': 'it has no connections left: raise max_connections',
  '57P03': 'it is just starting: try again in a moment',
};

/** One line for a PostgreSQL that cannot be used; never names the password. Anything unforeseen is handed back as it is. */
export function postgresStartError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StartError) return error;
  const code: unknown = Reflect.get(error, 'code');
  const timedOut = /timeout/.test(error.message) ? ADVICE.ETIMEDOUT : undefined;
  const why = (typeof code === 'string' ? ADVICE[code] : undefined) ?? timedOut;
  if (why === undefined) return error;
  return new StartError(`DATABASE_URL: PostgreSQL cannot be used: ${why}.`, { cause: error });
}
