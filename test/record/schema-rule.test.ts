import { expect, test } from "vitest";
import * as z from "zod";
import { resultLine } from "../../src/record/schema/result-lines.ts";
import { schemaRule } from "../../src/record/schema-rule.ts";

function rule(schema: z.ZodType, value: unknown): string {
  const { error } = schema.safeParse(value);
  return error === undefined ? "nothing refused" : schemaRule(error.issues[0]);
}

test.each<[z.ZodType, unknown, string]>([
  [z.string(), undefined, "must be a text"],
  [z.int(), 1.5, "must be a whole number"],
  [z.number(), "1", "must be a number"],
  [z.boolean(), 1, "must be true or false"],
  [z.array(z.int()), {}, "must be a list"],
  [z.object({}), [], "must be an object"],
  [z.record(z.string(), z.int()), null, "must be an object"],
  [z.number().max(10), 11, "must be at most 10"],
  [z.number().positive(), 0, "must be more than 0"],
  [z.string().max(3), "1234", "must have at most 3 characters"],
  [z.array(z.int()).min(1), [], "must have at least 1 entry"],
  [z.enum(["a", "b"]), "c", "must be one of a, b"],
  [z.literal(1), 2, "must be 1"],
  [z.strictObject({}), { x: 1 }, "must not have x"],
  [z.number().refine(() => false, "must be odd"), 2, "must be odd"],
  [resultLine, { type: "other" }, "must be of a known kind"],
])("what a schema refuses is said in our words, %#", (schema, value, said) => {
  expect(rule(schema, value)).toBe(said);
});
