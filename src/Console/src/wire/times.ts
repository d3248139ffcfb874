import type { Duration } from '../../gen/google/protobuf/duration';
import type { Timestamp } from '../../gen/google/protobuf/timestamp';

/** Milliseconds since 1970; undefined when absent. */
export function ms(at: Timestamp): number;
export function ms(at: Timestamp | undefined): number | undefined;
export function ms(at: Timestamp | undefined): number | undefined {
  return at === undefined ? undefined : at.seconds * 1000 + at.nanos / 1e6;
}

/** Seconds; 0 when absent. */
export function seconds(span: Duration | undefined): number {
  return span === undefined ? 0 : span.seconds + span.nanos / 1e9;
}
