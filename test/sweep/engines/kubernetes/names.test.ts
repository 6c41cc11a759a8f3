import fc from "fast-check";
import { expect, test } from "vitest";
import { isLabelValue, isName, jobName, labelValue } from "../../../../src/sweep/engines/kubernetes/names.ts";

/** RFC 1123 as Kubernetes checks it. */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

test("a job's name, and that of its last pod's host, is an RFC 1123 label, whatever the sweep and class are called", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom("", "—", "\u{1F600}", "A_B.C", "-".repeat(99))),
      fc.string({ maxLength: 200 }),
      fc.integer({ min: 1, max: 100_000 }),
      (sweep, machine, shards) => {
        const name = jobName(sweep, machine, "content", shards);
        const host = `${name}-${shards - 1}`;
        expect(name).toMatch(LABEL);
        expect(host).toMatch(LABEL);
        expect(host.length).toBeLessThanOrEqual(63);
        expect(isName(host)).toBe(true);
      },
    ),
  );
});

test("two contents have two names, also where the sweep's own does not fit", () => {
  const long = "z".repeat(100);
  expect(jobName(long, "epyc", "a", 5)).not.toBe(jobName(long, "epyc", "b", 5));
});

test("a label's value says as much of a text as Kubernetes allows", () => {
  expect(labelValue("zoo")).toBe("zoo");
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom("—", "\u{1F600}a", "-.-")), (text) =>
      isLabelValue(labelValue(text)),
    ),
  );
});
