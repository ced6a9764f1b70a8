/** What clients dial; a balancer sends them on. */
export const ADDRESS = 'ws://chat.test';
export const TENANT = 'acme';
