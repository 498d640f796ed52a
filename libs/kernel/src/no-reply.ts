import { HeaderEdits } from "./header-list.ts";
import type { Reply } from "./reply.ts";

/** For a dry run: nobody waits for an answer. */
export const noReply = (): Reply => ({
  status: 0,
  started: false,
  gone: false,
  bytes: 0,
  added: [],
  add: () => {},
  set: () => {},
  edits: new HeaderEdits(),
  send: () => {},
  start: () => {},
  write: () => true,
  onDrain: () => {},
  end: () => {},
  destroy: () => {},
});
