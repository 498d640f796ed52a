import { Pool } from "undici";

/** The connections to one origin. */
export class OriginPool extends Pool {
  /** True while requests start on a connection that has just been opened, so that no earlier exchange can have worn it out. */
  opening = false;
}
