export { createRandom, type SeededRandom } from './chance/random.js';
export { TestkitError, type TestkitErrorCode } from './support/testkit-error.js';
export { systemClock } from './time/system-clock.js';
export type { PendingTimer } from './time/timeline.js';
export {
  createVirtualClock,
  type RunUntilOptions,
  type VirtualClock,
  type VirtualClockOptions,
} from './time/virtual-clock.js';
export type { SleepMode, VirtualMachine } from './time/virtual-machine.js';
