// What these tests use of node; its own types would put node's globals into the browser's code too.
declare module 'node:test' {
  export function test(name: string, body: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
  const assert: {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(value: string, pattern: RegExp, message?: string): void;
    doesNotMatch(value: string, pattern: RegExp, message?: string): void;
    ok(value: unknown, message?: string): asserts value;
  };
  export default assert;
}
declare function setImmediate(callback: () => void): void;
