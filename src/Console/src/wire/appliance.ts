import { GrpcWebFetchTransport } from '@protobuf-ts/grpcweb-transport';
import type { RpcInterceptor, RpcOptions } from '@protobuf-ts/runtime-rpc';
import { AlertsClient } from '../../gen/edgeassist/v1/alerts.client';
import type { Alert, AlertEvent } from '../../gen/edgeassist/v1/alerts';
import { AssistClient } from '../../gen/edgeassist/v1/assist.client';
import type { AssistEvent, AssistSnapshot } from '../../gen/edgeassist/v1/assist';
import { CallsClient } from '../../gen/edgeassist/v1/calls.client';
import type { CallDetail, CallEvent } from '../../gen/edgeassist/v1/calls';
import { HistoryClient } from '../../gen/edgeassist/v1/history.client';
import { SupervisionClient } from '../../gen/edgeassist/v1/supervision.client';
import type { Session } from './session';
import type { Open } from './watch';

/** The appliance's services over gRPC-Web, with the token of whoever is signed in. Same origin: there is no address to set. */
export class Appliance {
  readonly alerts: AlertsClient;
  readonly calls: CallsClient;
  readonly assist: AssistClient;
  readonly history: HistoryClient;
  readonly supervision: SupervisionClient;
  private readonly transport: GrpcWebFetchTransport;

  constructor(session: Session) {
    const bearer = (options: RpcOptions): RpcOptions => ({ ...options, meta: { ...options.meta, authorization: `Bearer ${session.token}` } });
    const identified: RpcInterceptor = {
      interceptUnary: (next, method, input, options) => next(method, input, { ...bearer(options), timeout: 15_000 }),
      interceptServerStreaming: (next, method, input, options) => next(method, input, bearer(options)),
    };
    this.transport = new GrpcWebFetchTransport({ baseUrl: location.origin, format: 'binary', interceptors: [identified] });
    this.alerts = new AlertsClient(this.transport);
    this.calls = new CallsClient(this.transport);
    this.assist = new AssistClient(this.transport);
    this.history = new HistoryClient(this.transport);
    this.supervision = new SupervisionClient(this.transport);
  }

  /** Alerts of everybody in sight. */
  watchAlerts: Open<Alert, AlertEvent> = (resumeToken, snapshot, abort) =>
    this.alerts.watch({ resumeToken, snapshot }, { abort }).responses;

  /** Calls in sight without partial words: what a wall needs of two hundred. */
  watchCalls: Open<CallDetail, CallEvent> = (resumeToken, snapshot, abort) =>
    this.calls.watch({ resumeToken, snapshot, filter: { callIds: [], teams: [], agents: [], finalsOnly: true } }, { abort }).responses;

  /** One call with every word as it is said. */
  watchCall(callId: string): Open<CallDetail, CallEvent> {
    return (resumeToken, snapshot, abort) =>
      this.calls.watch({ resumeToken, snapshot, filter: { callIds: [callId], teams: [], agents: [], finalsOnly: false } }, { abort }).responses;
  }

  /** Prompts and messages: of one call, or of everybody in sight. */
  watchAssist(callIds: string[]): Open<AssistSnapshot, AssistEvent> {
    return (resumeToken, snapshot, abort) => this.assist.watch({ resumeToken, snapshot, filter: { callIds, teams: [] } }, { abort }).responses;
  }
}

/** A name for one press of a button: pressing it again after a lost answer acts once. */
export function newRequestId(): string {
  return crypto.randomUUID();
}
