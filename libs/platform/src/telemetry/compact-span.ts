/** A value that every trace store can show. */
export type SpanValue = string | number | boolean;

/** A finished span as plain data: what waits in queues and rings instead of the SDK's objects, and what `tandem trace` reads. */
export interface CompactSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** The parent is another process's. */
  readonly remoteParent?: boolean;
  /** The caller's context where its trace is not continued. */
  readonly link?: { readonly traceId: string; readonly spanId: string };
  /** W3C trace flags: 1 sampled, 2 random. */
  readonly flags: number;
  readonly state?: string;
  readonly kind: "server" | "client" | "internal";
  readonly name: string;
  /** Epoch milliseconds, with their fraction. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Present when the span failed; says why, or is empty. */
  readonly failure?: string;
  readonly attributes: Readonly<Record<string, SpanValue>>;
}
