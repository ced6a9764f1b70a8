export { createRandom, type SeededRandom } from './chance/random.js';
export {
  BUS_CASES,
  type BusEnv,
  type BusNote,
  type BusTarget,
  type BusUnderTest,
} from './conformance/bus/bus-cases.js';
export { judgeBus } from './conformance/bus/judge-bus.js';
export type { ConformanceCase, Level, TargetKind } from './conformance/case.js';
export { CLIENT_CASES } from './conformance/client/client-cases.js';
export type {
  ClientEnv,
  ClientScene,
  SceneNetwork,
  SceneOptions,
} from './conformance/client/client-scene.js';
export type {
  ClientOutcome,
  ClientSetup,
  ClientTarget,
  ClientUnderTest,
  Heard,
} from './conformance/client/client-target.js';
export type {
  Ability,
  AdapterAsk,
  AdapterSaying,
  AdapterToken,
} from './conformance/client/foreign/adapter-lines.js';
export type { ForeignTarget } from './conformance/client/foreign/foreign-env.js';
export { judgeForeignClient } from './conformance/client/foreign/judge-foreign-client.js';
export { judgeClient } from './conformance/client/judge-client.js';
export type { CaseResult, ConformanceReport, Outcome } from './conformance/outcome.js';
export { jsonReport } from './conformance/report/json.js';
export { junitReport } from './conformance/report/junit.js';
export { tableReport } from './conformance/report/table.js';
export { tapReport } from './conformance/report/tap.js';
export type { RunOptions } from './conformance/run-cases.js';
export { fakeServerTarget } from './conformance/server/fake-admin.js';
export {
  type HttpAdmin,
  type HttpAdminOptions,
  httpAdmin,
  type Login,
} from './conformance/server/http-admin.js';
export { type HttpTargetOptions, httpTarget } from './conformance/server/http-target.js';
export { judgeServer } from './conformance/server/judge-server.js';
export { SERVER_CASES } from './conformance/server/server-cases.js';
export type { BareSocket, ConnectOptions, ServerEnv } from './conformance/server/server-env.js';
export type {
  ConformanceUser,
  MemberRole,
  NetworkPolicy,
  ServerAdmin,
  ServerTarget,
  TokenKeeper,
} from './conformance/server/server-target.js';
export { type TcpDial, type TcpLine, tcpDial } from './conformance/server/tcp-dial.js';
export type { Dial, WireEvents, WireRefusal, WireRequest, WireSocket } from './conformance/server/wire.js';
export { wsDial } from './conformance/server/ws-dial.js';
export { judgeStore } from './conformance/store/judge-store.js';
export { STORE_CASES, type StoreEnv } from './conformance/store/store-cases.js';
export type {
  StoreEntry,
  StoreOperation,
  StorePosition,
  StoreTarget,
  StoreTransaction,
  StoreUnderTest,
} from './conformance/store/store-port.js';
export type { ContractSettings } from './fake-server/contract-settings.js';
export { createFakeServer } from './fake-server/create-fake-server.js';
export type { FakeNetworkInfo, FakeUser, Role } from './fake-server/entities.js';
export { EVENT_TYPES } from './fake-server/event-types.js';
export {
  type EventEnvelope,
  makeError,
  makeEvent,
  makeReply,
  makeRequest,
  type RequestEnvelope,
} from './fake-server/factories.js';
export type {
  FakeClientOptions,
  FakeConnectionInfo,
  FakeServer,
  To,
  TokenPair,
  WaitOptions,
} from './fake-server/fake-server.js';
export type { Received, ReceivedOf } from './fake-server/inbox.js';
export type { ScriptHandle, When } from './fake-server/script.js';
export type { ScriptAction, ScriptRule } from './fake-server/script-rule.js';
export type { MemoryServerOptions, WsServerOptions } from './fake-server/server-options.js';
export {
  createFakeLifecycle,
  type FakeLifecycle,
  type LifecycleMoment,
  type LifecycleSignal,
} from './lifecycle/fake-lifecycle.js';
export {
  type MatcherResult,
  matchers,
  type RequestPattern,
  type TestkitMatchers,
} from './matchers/matchers.js';
export {
  createFakeNetwork,
  type FakeNetwork,
  type FakeNetworkOptions,
  type FaultHandle,
} from './network/fake-network.js';
export type { DialOptions, FakeWebSocketConstructor } from './network/fake-web-socket.js';
export type { Direction, Fault, FaultKind, FaultPlan, FaultRule } from './network/fault.js';
export { checkFaultPlan, describeFaultPlan, FAULT_KINDS } from './network/fault-plan.js';
export { createFaultProxy, type FaultProxy, type FaultProxyOptions } from './network/fault-proxy.js';
export type { ServerSocket } from './network/server-socket.js';
export type { SocketData, SocketEndpoint } from './network/socket-endpoint.js';
export type { SocketVariant } from './network/socket-state.js';
export type { Upgrade, UpgradeListener } from './network/upgrade.js';
export { recordSession, type SessionRecorder } from './record/record-session.js';
export { type RecordedStep, type Recording, type Redaction, readRecording } from './record/recording.js';
export { type ClientReplay, replayToClient } from './record/replay-to-client.js';
export { type Difference, replayToServer, type ServerReplayOptions } from './record/replay-to-server.js';
export { checkScenario, type Scenario } from './standalone/scenario.js';
export { type ServeOptions, type Serving, serve } from './standalone/serve.js';
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
