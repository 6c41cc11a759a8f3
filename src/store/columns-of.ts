import * as z from "zod";
import type { Column, ColumnType, Usual } from "./column.ts";

/** How the fields of a line become columns. Fields are named by their paths, such as `plan.cases`. */
export interface ColumnRules {
  /** Objects whose fields are columns of their own, such as `environment`. */
  readonly flat?: readonly string[];
  /** Fields that a table has otherwise, or that are the same in all its rows. */
  readonly without?: readonly string[];
  /** Names of columns, where the field's own is a keyword of SQL or another column's. */
  readonly names?: Readonly<Record<string, string>>;
  /** What lines mean that omit a field, where that is something. */
  readonly usual?: Readonly<Record<string, Usual>>;
}

/**
 * The columns of a table of lines, one a field, in the order of the schema and under the names of its fields: a field that the
 * schema gains is a column.
 */
export function columnsOf(schema: z.ZodObject, rules: ColumnRules = {}): readonly Column[] {
  return fieldsOf(schema, [], false, rules);
}

function fieldsOf(
  schema: z.ZodObject,
  under: readonly string[],
  mayBeMissing: boolean,
  rules: ColumnRules,
): readonly Column[] {
  const { flat = [], without = [], names = {}, usual = {} } = rules;
  return Object.entries(schema.shape).flatMap(([field, declared]): readonly Column[] => {
    const path = [...under, field];
    const key = path.join(".");
    if (without.includes(key)) return [];
    const { inner, optional, nullable } = unwrapped(declared);
    if (flat.includes(key)) {
      if (!(inner instanceof z.ZodObject)) throw new Error(`store: ${key} must be an object to be flat`);
      return fieldsOf(inner, path, mayBeMissing || optional, rules);
    }
    const filled = Object.hasOwn(usual, key) ? { usual: usual[key] } : {};
    return [
      {
        name: Object.hasOwn(names, key) ? names[key] : field,
        type: typeOf(inner),
        nullable: mayBeMissing || nullable || (optional && filled.usual === undefined),
        path,
        ...((optional || mayBeMissing) && { optional: true }),
        ...filled,
      },
    ];
  });
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly optional: boolean;
  readonly nullable: boolean;
}

function unwrapped(schema: z.core.$ZodType): Unwrapped {
  if (schema instanceof z.ZodOptional) return { ...unwrapped(schema.unwrap()), optional: true };
  if (schema instanceof z.ZodNullable) return { ...unwrapped(schema.unwrap()), nullable: true };
  if (schema instanceof z.ZodReadonly) return unwrapped(schema.unwrap());
  return { inner: schema, optional: false, nullable: false };
}

function typeOf(schema: z.core.$ZodType): ColumnType {
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return "text";
  if (schema instanceof z.ZodBoolean) return "boolean";
  if (schema instanceof z.ZodNumber) return isWhole(schema) ? "integer" : "double";
  if (schema instanceof z.ZodLiteral) {
    return [...schema.values].every(Number.isSafeInteger) ? "integer" : "text";
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodNumber && !isWhole(schema.element)) {
    return "doubles";
  }
  return "json";
}

/** Whether a schema demands a whole number that a double holds exactly. */
function isWhole(schema: z.ZodNumber): boolean {
  return schema.format === "safeint";
}
