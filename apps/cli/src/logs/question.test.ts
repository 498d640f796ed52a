import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, fieldOf, type Condition } from "./question.ts";

const line = {
  time: 5_000,
  fields: { "user.id": "ann", "http.response.status_code": 503, "tandem.route": "", "tandem.flags": ["a"] },
};
const among = (conditions: Condition[], more = {}) => answers(line, { conditions, since: 0, limit: 1, ...more });

const cases: { conditions: Condition[]; answer: boolean }[] = [
  { conditions: [], answer: true },
  { conditions: [{ field: fieldOf.principal, value: "ann" }], answer: true },
  { conditions: [{ field: fieldOf.principal, value: "an" }], answer: false },
  { conditions: [{ field: fieldOf.status, value: "503" }], answer: true },
  { conditions: [{ field: fieldOf.status, value: "5xx" }], answer: true },
  { conditions: [{ field: fieldOf.status, value: "4xx" }], answer: false },
  { conditions: [{ field: fieldOf.trace, value: "undefined" }], answer: false },
  { conditions: [{ field: "tandem.flags", value: "a" }], answer: false },
  {
    conditions: [
      { field: fieldOf.principal, value: "ann" },
      { field: fieldOf.status, value: "200" },
    ],
    answer: false,
  },
];
for (const { conditions, answer } of cases)
  test(`${JSON.stringify(conditions)} is ${answer ? "" : "not "}met`, () => assert.equal(among(conditions), answer));

test("what was before or after is no answer", () => {
  assert.deepEqual(
    [
      among([], { since: 5_000 }),
      among([], { since: 5_001 }),
      among([], { until: 5_001 }),
      among([], { until: 5_000 }),
    ],
    [true, false, true, false],
  );
});
