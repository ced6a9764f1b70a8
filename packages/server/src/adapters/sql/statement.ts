import type { Compilable, CompiledQuery } from 'kysely';

/** Stands for a parameter while a query is built. */
class Slot {
  constructor(readonly name: string | symbol) {}
}

/**
 * A query that is compiled once and run many times: building and compiling costs several times what SQLite needs to
 * answer. Made by {@link statement}.
 */
export interface Statement<P extends object, R> {
  /** The query with its parameters filled in. */
  with(parameters: P): CompiledQuery<R>;
}

/**
 * Prepares a query: `build` gets a slot wherever a parameter will stand.
 *
 * @example
 * const byId = statement((slots: { id: string }) => db.selectFrom('users').selectAll().where('id', '=', slots.id));
 * await connection.executeQuery(byId.with({ id }));
 */
export function statement<P extends object, R>(build: (slots: P) => Compilable<R>): Statement<P, R> {
  const slots = new Proxy({}, { get: (_, name) => new Slot(name) }) as P;
  const compiled = build(slots).compile();
  return {
    with: (parameters) => ({
      ...compiled,
      parameters: compiled.parameters.map((value) =>
        value instanceof Slot ? Reflect.get(parameters, value.name) : value,
      ),
    }),
  };
}
