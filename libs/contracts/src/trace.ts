/** The place of a request in a trace, given to it before the first stage runs. */
export interface TraceIds {
  readonly traceId: string;
  /** The span of this tier. */
  readonly spanId: string;
  /** The caller's span, where its trace is continued. */
  readonly parentSpanId?: string;
  /** A stranger's context: linked, never continued. */
  readonly link?: { readonly traceId: string; readonly spanId: string };
  /** Whether its spans are wanted from the beginning. A stage may replace the whole of this where it decides otherwise. */
  readonly sampled: boolean;
  /** A trusted caller has decided that, or a principal who may: nobody behind overrules it. */
  readonly decided?: true;
  /** W3C level 2: the trace id is random. */
  readonly random: boolean;
  readonly state?: string;
}
