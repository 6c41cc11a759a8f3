import * as fc from "fast-check";
import * as z from "zod";

/** Whatever a schema allows: each field of a line, also one that is added to it tomorrow, with what is awkward in it. */
export function ofSchema(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional) return fc.option(ofSchema(schema.unwrap()), { nil: undefined });
  if (schema instanceof z.ZodNullable) return fc.option(ofSchema(schema.unwrap()));
  if (schema instanceof z.ZodReadonly) return ofSchema(schema.unwrap());
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => [name, ofSchema(field)]);
    return fc.record(Object.fromEntries(fields));
  }
  if (schema instanceof z.ZodRecord) {
    return fc.dictionary(texts, ofSchema(schema.valueType), { maxKeys: 3, noNullPrototype: true });
  }
  if (schema instanceof z.ZodArray) {
    const least = schema.safeParse([]).success ? 0 : 1;
    return fc.array(ofSchema(schema.element), { minLength: least, maxLength: 3 });
  }
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((one) => ofSchema(one)));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNull) return fc.constant(null);
  if (schema instanceof z.ZodNumber) return allowed(schema, numbers, doubles, wholes);
  if (schema instanceof z.ZodString) return allowed(schema, words, texts);
  throw new TypeError(`no examples of ${schema._zod.def.type}`);
}

/** Those of the given examples that a schema allows: constants, and what is drawn. */
function allowed<T>(
  schema: z.ZodType,
  constants: readonly T[],
  ...drawn: readonly fc.Arbitrary<T>[]
): fc.Arbitrary<T> {
  const fits = (value: T) => schema.safeParse(value).success;
  const held = constants.filter(fits);
  // What few draws would meet is not waited for.
  const often = drawn.filter((one) => fc.sample(one, { numRuns: 20, seed: 1 }).filter(fits).length > 4);
  return fc.oneof(fc.constantFrom(...held), ...often.map((one) => one.filter(fits)));
}

const doubles = fc.double({ min: 1e-12, max: 1, noNaN: true });
const wholes = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const numbers = [
  ...[0, 1, 2, 0.1, 1 / 3, 1e-12, 1e9, 1e30, 1e-30, 1e-90, 4.35, 123_456_789.123_456_78],
  ...[2 ** 31, 2 ** 53 - 1, 2 ** 53, Number.EPSILON],
];

const texts = fc.string({ unit: "binary", maxLength: 12 });
/** Texts that are something else to somebody, and words that some fields demand. */
const words = [
  ...["", "\0", "a\0b", "\ufeffmarked", "null", "NULL", "true", "0", "1e5", "[]", "[1]", "{}", "x'00'"],
  ...["'; DROP TABLE runs; --", '"', "\\", "\r\n", "=1+1", "@a", "ä\u0301", "日本", "💥"],
  ...["none", "alibi", "zoo", "a1", "0123456789abcdef", "fedcba9876543210"],
];
