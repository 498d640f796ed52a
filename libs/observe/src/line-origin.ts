/** Which process writes the lines of requests and connections. */
export interface LineOrigin {
  readonly tier: string;
  readonly service: string;
  /** Tells the replicas of a tier apart. */
  readonly instance: string;
}
