/** A page of those who belong to a network, as a statement takes it. */
export interface PageQuery {
  networkId: string;
  limit: number;
  at: number;
  id: string;
}

/** Nobody comes before the epoch. */
export const BEFORE_ALL = { at: -1, id: '' };
