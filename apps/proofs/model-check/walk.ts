import { canonical } from './canonical.js';
import { Graph } from './graph.js';
import { after, moves } from './moves.js';
import { type Parts, Violation } from './parts.js';
import { SeenStates } from './seen-states.js';
import { beginning, type Scope, type World } from './world.js';

export interface Walk {
  readonly states: number;
  readonly transitions: number;
  /** Moves to the farthest state. */
  readonly depth: number;
  /** The promise that was broken first, with the shortest way there. */
  readonly broken: { readonly promise: string; readonly trace: readonly string[] } | undefined;
}

/**
 * Visits every state that can be reached, breadth first, so that the first broken promise is found on a shortest way.
 * Then looks backwards: from every state everything must still be able to turn out well without another fault.
 */
export async function walk(parts: Parts, scope: Scope): Promise<Walk> {
  const seen = new SeenStates();
  const graph = new Graph();
  let frontier: { readonly id: number; readonly world: World }[] = [];
  const visit = (world: World): number => {
    const { id, isNew } = seen.add(canonical(world));
    if (isNew) {
      frontier.push({ id, world });
      if (isGood(world, scope)) graph.good(id);
    }
    return id;
  };
  const report = async (
    promise: string | undefined,
    ids: readonly number[],
    last?: string,
  ): Promise<Walk> => ({
    states: seen.size,
    transitions: graph.edges,
    depth,
    broken:
      promise === undefined
        ? undefined
        : { promise, trace: [...(await retell(parts, scope, ids)), ...(last === undefined ? [] : [last])] },
  });

  let depth = 0;
  visit(beginning(scope));
  while (frontier.length > 0) {
    const level = frontier;
    frontier = [];
    for (const { id, world } of level) {
      const possible = moves(world, scope);
      for (const [index, move] of possible.entries()) {
        try {
          const next = after(parts, scope, world, move);
          const before = seen.size;
          const to = visit(next instanceof Promise ? await next : next);
          graph.edge(id, to, index, { first: to >= before, fault: move.fault });
        } catch (error) {
          if (!(error instanceof Violation)) throw error;
          return await report(error.message, graph.wayTo(id), move.text());
        }
      }
    }
    if (frontier.length > 0) depth++;
  }
  const stuck = graph.firstThatCannotEndWell(seen.size);
  if (stuck === undefined) return await report(undefined, []);
  return await report('promise 4: nothing that can still happen makes it end well', graph.wayTo(stuck));
}

/** Every message is acknowledged, everybody is connected and has seen everything, nothing is under way. */
function isGood({ clients, server }: World, { operations }: Scope): boolean {
  return clients.every(
    ({ session, asked, outbox, seen }, index) =>
      session.status === 'connected' &&
      asked === operations[index] &&
      outbox.size === 0 &&
      seen === server.log.length,
  );
}

/** The moves on the way through these states, as sentences. */
async function retell(parts: Parts, scope: Scope, choices: readonly number[]): Promise<string[]> {
  const trace: string[] = [];
  let world = beginning(scope);
  for (const choice of choices) {
    const move = moves(world, scope)[choice];
    if (!move) throw new Error('The walk cannot be told again: the model is not deterministic.');
    trace.push(move.text());
    world = await after(parts, scope, world, move);
  }
  return trace;
}
