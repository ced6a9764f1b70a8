export { openTelemetryTracing } from './adapters/open-telemetry-tracing.js';
