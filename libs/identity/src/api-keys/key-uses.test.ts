import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnavailable } from "@tandem/platform/store/store";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { fixedClock } from "@tandem/platform/testing";
import { KeyUses } from "./key-uses.ts";

/** A store that can fail, and notes what is written. */
class Noting extends MemoryStore {
  readonly written: (readonly (readonly [string, string])[])[] = [];
  isDown = false;

  override async setFields(table: string, fields: ReadonlyMap<string, string>): Promise<void> {
    if (this.isDown) throw new StoreUnavailable("down");
    this.written.push([...fields]);
    return super.setFields(table, fields);
  }

  override async getFields(table: string): Promise<ReadonlyMap<string, string>> {
    if (this.isDown) throw new StoreUnavailable("down");
    return super.getFields(table);
  }
}

function world() {
  const [clock, store] = [fixedClock(1_000_000), new Noting()];
  return { clock, store, uses: new KeyUses({ store, clock, interval: 60_000 }) };
}

test("many uses of many keys are one writing, and one of each key a minute", async (t) => {
  const { clock, store, uses } = world();
  t.after(() => uses.close());
  for (let turn = 0; turn < 100; turn++) for (const id of ["a", "b"]) uses.note(id);
  assert.equal(store.written.length, 0, "nothing is written on the way");
  await uses.flush();
  await uses.flush();
  clock.advance(59_999);
  uses.note("a");
  await uses.flush();
  assert.deepEqual(store.written, [
    [
      ["a", "1000000"],
      ["b", "1000000"],
    ],
  ]);
  clock.advance(1);
  uses.note("a");
  await uses.flush();
  assert.deepEqual(store.written[1], [["a", "1060000"]]);
  assert.deepEqual(
    await uses.all(),
    new Map([
      ["a", 1_060_000],
      ["b", 1_000_000],
    ]),
  );
});

test("what could not be written is counted and written later, unless there is something newer", async (t) => {
  const { clock, store, uses } = world();
  t.after(() => uses.close());
  store.isDown = true;
  uses.note("a");
  uses.note("b");
  await uses.flush();
  assert.equal(uses.failures, 1);
  assert.deepEqual(
    await uses.all(),
    new Map([
      ["a", 1_000_000],
      ["b", 1_000_000],
    ]),
  );
  clock.advance(60_000);
  uses.note("a");
  await uses.flush();
  assert.equal(uses.failures, 2);
  store.isDown = false;
  await uses.flush();
  assert.deepEqual(
    new Map(store.written.flat()),
    new Map([
      ["a", "1060000"],
      ["b", "1000000"],
    ]),
  );
});

test("at the end all is written", async () => {
  const { store, uses } = world();
  uses.note("a");
  await uses.close();
  assert.equal(store.written.length, 1);
});

test("another gateway's uses count where they are later", async (t) => {
  const { clock, store, uses } = world();
  const other = new KeyUses({ store, clock, interval: 60_000 });
  t.after(() => Promise.all([uses.close(), other.close()]));
  uses.note("a");
  clock.advance(5000);
  other.note("a");
  await other.flush();
  assert.equal((await uses.all()).get("a"), 1_005_000);
});
