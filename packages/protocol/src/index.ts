export { errorBody, requestEnvelope, serverEnvelope } from './envelope.js';
export { EVENTS, REQUESTS } from './registry.js';
export * from './validators.js';
