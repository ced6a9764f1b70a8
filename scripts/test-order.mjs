import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/**
 * Each with how much of all of them comes before it, from 0 to 1.
 * @template T @param {readonly T[]} files @param {(file: T) => number} cost
 */
function spread(files, cost) {
  const all = files.reduce((sum, file) => sum + cost(file), 0);
  let before = 0;
  return files.map((file) => {
    const at = before / all;
    before += cost(file);
    return { file, at };
  });
}

/**
 * The longest come first, so that none is left alone at the end.
 * @template T @param {readonly T[]} files @param {(file: T) => number} cost
 */
const longestFirst = (files, cost) => [...files].sort((a, b) => cost(b) - cost(a));

/**
 * The files of one project one after the other: a process goes on only with a file of the project it began with, else it
 * ends and the next one has everything to import again. First the project with the longest file.
 * @template T @param {readonly T[]} files @param {(file: T) => string} project @param {(file: T) => number} cost
 * @returns {T[]}
 */
export function byProject(files, project, cost) {
  const sorted = longestFirst(files, cost);
  const projects = [...new Set(sorted.map(project))];
  return projects.flatMap((name) => sorted.filter((file) => project(file) === name));
}

/**
 * Two kinds of files as one list in which both keep pace and end together: at any time some of each run.
 * @template T @param {readonly T[]} some @param {readonly T[]} others @param {(file: T) => number} cost above 0
 * @returns {T[]}
 */
export function sideBySide(some, others, cost) {
  return [...spread(some, cost), ...spread(others, cost)].sort((a, b) => a.at - b.at).map(({ file }) => file);
}

/**
 * The tests with real browsers and processes mostly wait, the others compute: side by side they keep the cores busy, one
 * kind after the other they do not. How long a file takes is known from its last run; where there was none, all count alike.
 */
export class TestOrder extends BaseSequencer {
  /** @override @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    /** @param {import('vitest/node').TestSpecification} file */
    const cost = ({ project, moduleId }) => {
      const key = `${project.name}:${relative(this.ctx.config.root, moduleId)}`;
      // What takes no time by the clock has a process of its own to start.
      return (this.ctx.cache.getFileTestResults(key)?.duration ?? 0) + 500;
    };
    const waits = files.filter(({ moduleId }) => moduleId.includes('.e2e.'));
    const computes = files.filter((file) => !waits.includes(file));
    return sideBySide(
      longestFirst(waits, cost),
      byProject(computes, ({ project }) => project.name, cost),
      cost,
    );
  }
}
