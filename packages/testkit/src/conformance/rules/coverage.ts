import { BUS_CASES } from '../bus/bus-cases.js';
import { CLIENT_CASES } from '../client/client-cases.js';
import { SERVER_CASES } from '../server/server-cases.js';
import { STORE_CASES } from '../store/store-cases.js';
import { type Clause, ruleOf } from './clause.js';
import { CLAUSES } from './rules.js';

interface Proof {
  readonly name: string;
  readonly target: string;
  readonly level: string;
  readonly rules: readonly string[];
}

const ALL: readonly Proof[] = [...SERVER_CASES, ...CLIENT_CASES, ...STORE_CASES, ...BUS_CASES];

/** Clauses that show from outside but have no MUST case for a target on which they show: `A1.1/joined (client)`. */
export function clausesWithoutCase(): readonly string[] {
  return Object.entries(CLAUSES).flatMap(([clause, { visibility }]) => {
    if (visibility.kind === 'hidden') return [];
    return visibility.on
      .filter((target) => !provers(clause).some((one) => one.target === target && one.level === 'MUST'))
      .map((target) => `${clause} (${target})`);
  });
}

/** Clauses that a case names but no table knows. */
export function unknownClauses(): readonly string[] {
  const named = ALL.flatMap(({ rules }) => rules);
  return [...new Set(named)].filter((clause) => !Object.hasOwn(CLAUSES, clause));
}

/** Clauses said to be hidden, or not to show on a target, that a case for it proves all the same: `A1.3/client (client)`. */
export function clausesMisplaced(): readonly string[] {
  return ALL.filter(({ target }) => target === 'server' || target === 'client').flatMap(({ target, rules }) =>
    rules
      .filter((clause) => {
        const visibility = CLAUSES[clause]?.visibility;
        return visibility?.kind !== 'seen' || !visibility.on.some((one) => one === target);
      })
      .map((clause) => `${clause} (${target})`),
  );
}

/** The page that lists, for each clause, the cases that prove it. */
export function rulesPage(): string {
  const rules = [...new Set(Object.keys(CLAUSES).map(ruleOf))];
  const visible = Object.values(CLAUSES).filter(({ visibility }) => visibility.kind === 'seen').length;
  return [
    '# Rules, their clauses, and the cases that prove them',
    '',
    'Generated from the cases; a test holds this page against them, and fails when a clause that shows from outside has no case.',
    '',
    `${Object.keys(CLAUSES).length} clauses, ${visible} of which show from outside.`,
    `${SERVER_CASES.length} cases for servers, ${CLIENT_CASES.length} for clients, ${STORE_CASES.length} for stores, ${BUS_CASES.length} for buses.`,
    '',
    ...rules.flatMap(ruleSection),
  ].join('\n');
}

function ruleSection(rule: string): readonly string[] {
  const clauses = Object.entries(CLAUSES).filter(([clause]) => ruleOf(clause) === rule);
  return [`## ${rule}`, '', ...clauses.flatMap(([id, clause]) => clauseLines(id, clause)), ''];
}

function clauseLines(id: string, { says, visibility }: Clause): readonly string[] {
  const head = `- \`${id}\` ${says}`;
  const hidden = visibility.kind === 'hidden' ? [`  - not visible: ${visibility.why}`] : [];
  const cases = provers(id).map(
    ({ target, name, level }) => `  - ${target}: ${name}${level === 'MUST' ? '' : ` (${level})`}`,
  );
  return [head, ...hidden, ...cases];
}

function provers(clause: string): readonly Proof[] {
  return ALL.filter(({ rules }) => rules.includes(clause));
}
