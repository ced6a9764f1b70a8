import { BUS_CASES } from '../bus/bus-cases.js';
import { CLIENT_CASES } from '../client/client-cases.js';
import { SERVER_CASES } from '../server/server-cases.js';
import { STORE_CASES } from '../store/store-cases.js';
import { RULES } from './rules.js';

interface Proof {
  readonly name: string;
  readonly target: string;
  readonly level: string;
  readonly rules: readonly string[];
}

const ALL: readonly Proof[] = [...SERVER_CASES, ...CLIENT_CASES, ...STORE_CASES, ...BUS_CASES];

/** Rules that show from outside but have no MUST case for a target on which they show: `A1.1 (client)`. */
export function rulesWithoutCase(): readonly string[] {
  return Object.entries(RULES).flatMap(([rule, visibility]) => {
    if (visibility.kind === 'hidden') return [];
    return visibility.on
      .filter(
        (target) =>
          !ALL.some((one) => one.target === target && one.level === 'MUST' && one.rules.includes(rule)),
      )
      .map((target) => `${rule} (${target})`);
  });
}

/** Rules that a case names but the table does not know. */
export function unknownRules(): readonly string[] {
  const named = ALL.flatMap(({ rules }) => rules).filter((rule) => !rule.startsWith('promise '));
  return [...new Set(named)].filter((rule) => !Object.hasOwn(RULES, rule));
}

/** The page that lists, for each rule, the cases that prove it. */
export function rulesPage(): string {
  const lines = Object.entries(RULES).flatMap(([rule, visibility]) => {
    if (visibility.kind === 'hidden') return [`## ${rule}`, '', `No case: ${visibility.why}.`, ''];
    const cases = ALL.filter((one) => one.rules.includes(rule)).map(
      ({ target, name, level }) => `- ${target}: ${name}${level === 'MUST' ? '' : ` (${level})`}`,
    );
    return [`## ${rule}`, '', ...cases, ''];
  });
  const counts = `${SERVER_CASES.length} cases for servers, ${CLIENT_CASES.length} for clients, ${STORE_CASES.length} for stores, ${BUS_CASES.length} for buses.`;
  return [
    '# Rules and the cases that prove them',
    '',
    'Generated from the cases; a test holds this page against them.',
    '',
    counts,
    '',
    ...lines,
  ].join('\n');
}
