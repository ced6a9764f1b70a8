/** Where a rule of the specification shows from outside. */
export type Visibility =
  /** Cases of these targets prove it. */
  | { readonly kind: 'seen'; readonly on: readonly ('server' | 'client')[] }
  /** It cannot be seen over the wire; why, and what proves it instead. */
  | { readonly kind: 'hidden'; readonly why: string };

const server: Visibility = { kind: 'seen', on: ['server'] };
const client: Visibility = { kind: 'seen', on: ['client'] };
const both: Visibility = { kind: 'seen', on: ['server', 'client'] };
const hidden = (why: string): Visibility => ({ kind: 'hidden', why });

/** Every rule of the specification that says MUST or states a fact, by id. */
export const RULES: Readonly<Record<string, Visibility>> = {
  'A1.1': both,
  'A1.2': server,
  'A1.3': server,
  'A1.4': both,
  'A1.5': server,
  'A1.6': both,
  'A2.1': both,
  'A2.2': both,
  'A2.3': client,
  'A2.4': both,
  'A2.5': client,
  'A2.6': server,
  'A3.1': server,
  'A3.2': server,
  'A3.3': server,
  'A3.4': server,
  'A3.5': server,
  'A3.6': server,
  'A3.7': server,
  'A4.1': server,
  'A4.2': server,
  'A5.1': server,
  'A5.2': server,
  'A5.3': both,
  'A5.4': both,
  'A5.5': server,
  'A6.1': server,
  'A6.2': server,
  'A6.3': hidden('the bound lies behind the buffers of two operating systems; the server has its own tests'),
  'A6.4': hidden(
    'pings are answered below the WebSocket surface, and a silent half-open peer needs minutes; the server has its own tests',
  ),
  'A6.5': server,
  A7: both,
  'B1.1': both,
  'B1.2': server,
  'B1.3': server,
  'B1.4': server,
  B2: both,
  'B3.1': both,
  'B3.2': both,
  'B3.3': both,
  'B3.4': both,
  'B3.5': server,
  'B4.1': both,
  'B4.2': server,
  'B5.1': both,
  'B5.2': hidden('it is about /ready and new upgrades while draining; the server has its own tests'),
  B6: server,
};
