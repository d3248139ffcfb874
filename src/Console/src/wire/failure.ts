import { RpcError } from '@protobuf-ts/runtime-rpc';

export type FailureKind = 'signed-out' | 'forbidden' | 'start-anew' | 'absent' | 'wrong' | 'retry';

/** What a failed call means for whoever made it. */
export interface Failure {
  readonly kind: FailureKind;
  /** For people. */
  readonly sentence: string;
  /** Stable word of the relay; empty when it did not answer. */
  readonly reason: string;
  /** From where the stream can go on; empty when it did not say. */
  readonly resumeToken: string;
}

export function explain(error: unknown): Failure {
  if (!(error instanceof RpcError)) return { kind: 'retry', sentence: 'The appliance cannot be reached.', reason: '', resumeToken: '' };
  const reason = word(error, 'edgeassist-reason');
  return { kind: kindOf(error.code, reason), sentence: sentenceOf(error, reason), reason, resumeToken: word(error, 'edgeassist-resume-token') };
}

function kindOf(code: string, reason: string): FailureKind {
  switch (code) {
    case 'UNAUTHENTICATED': return 'signed-out';
    case 'PERMISSION_DENIED': return 'forbidden';
    case 'OUT_OF_RANGE': return 'start-anew';
    case 'INVALID_ARGUMENT': return reason.startsWith('TOKEN_') ? 'start-anew' : 'wrong';
    case 'UNIMPLEMENTED': return 'absent';
    case 'NOT_FOUND': case 'FAILED_PRECONDITION': case 'ABORTED': case 'ALREADY_EXISTS': return 'wrong';
    default: return 'retry';
  }
}

function sentenceOf(error: RpcError, reason: string): string {
  if (reason === '' && (error.code === 'INTERNAL' || error.code === 'UNAVAILABLE' || error.code === 'UNKNOWN' || error.code === 'CANCELLED'))
    return 'The appliance cannot be reached.';
  try {
    return decodeURIComponent(error.message);
  } catch {
    return error.message;
  }
}

function word(error: RpcError, name: string): string {
  const value = error.meta[name];
  return typeof value === 'string' ? value : (value?.at(-1) ?? '');
}
