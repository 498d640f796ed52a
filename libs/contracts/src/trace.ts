/** The identity of a request in a trace, fixed before the first stage runs. */
export interface TraceIds {
  readonly traceId: string;
  /** The span of this tier. */
  readonly spanId: string;
  /** The caller's span, where its trace is continued. */
  readonly parentSpanId?: string;
  /** A stranger's context: linked, never continued. */
  readonly link?: { readonly traceId: string; readonly spanId: string };
  readonly sampled: boolean;
  /** W3C level 2: the trace id is random. */
  readonly random: boolean;
  readonly state?: string;
}
