import * as z from "zod";
import { DTYPES, type Dtype } from "../../core/dtype.ts";
import type { FormName } from "../../core/form-names.ts";
import { FORM_NAMES } from "../../core/form-names.ts";
import { WHOLE_PASSES, type WholePass } from "../../core/operation.ts";
import { ANY_SHAPE, type ShapeFreedom } from "../../core/shape.ts";

/** What attnbench and a program say to one another: docs/external-kernels.md. */

/** The versions of the protocol that this attnbench speaks. */
export const PROTOCOLS = [1] as const;

/** The longest line, in bytes. */
export const MOST_LINE_BYTES = 2 ** 20;

/** Seconds that a program may take to answer; `run` has what a case may take besides. */
export const PATIENCE = {
  hello: 120,
  supports: 30,
  prepare: 120,
  load: 120,
  run: 120,
  outputs: 120,
  dispose: 30,
} as const;

/** The requests of the protocol. */
export type RequestName = keyof typeof PATIENCE;

/** The most kernels that one program may bring. */
const MOST_KERNELS = 64;

/** What the id of a kernel must be. */
export const KERNEL_ID_RULE = "must be lower-case letters, digits and hyphens, a letter first";

export function isKernelId(id: string): boolean {
  return /^[a-z][a-z0-9-]{0,39}$/.test(id);
}

const text = (most: number) => z.string().min(1).max(most);
const texts = z.record(z.string().max(60), z.string().max(400));

/** One kernel of a program, as its answer to `hello` describes it. */
export interface ToldKernel {
  readonly id: string;
  readonly title?: string | undefined;
  /** Kinds of attention that it may be asked about; all if omitted. */
  readonly kinds?: readonly string[] | undefined;
  /** Which passes it may be asked for; the forward pass alone if omitted. */
  readonly passes?: readonly WholePass[] | undefined;
  readonly dtypes?: readonly Dtype[] | undefined;
  readonly freedoms?: readonly ShapeFreedom[] | undefined;
  readonly forms?: readonly FormName[] | undefined;
  readonly device?: string | undefined;
  /** Whether NaN and infinity in a token change no row that does not attend it. */
  readonly nan_safe?: boolean | undefined;
  /** Operations per second for a first estimate of time. */
  readonly assumed_rate?: number | undefined;
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** The device that is the processors. */
export const CPU = "cpu";

/** Where a kernel computes. */
export function deviceOf({ device = CPU }: ToldKernel): string {
  return device;
}

const told: z.ZodType<ToldKernel> = z.strictObject({
  id: z.string().refine(isKernelId, KERNEL_ID_RULE),
  title: text(200).optional(),
  kinds: z.array(text(60)).max(64).optional(),
  passes: z.array(z.enum(WHOLE_PASSES)).min(1).optional(),
  dtypes: z.array(z.enum(DTYPES)).min(1).optional(),
  freedoms: z.array(z.enum(ANY_SHAPE as [ShapeFreedom, ...ShapeFreedom[]])).optional(),
  forms: z.array(z.enum(FORM_NAMES)).optional(),
  device: text(60).optional(),
  nan_safe: z.boolean().optional(),
  assumed_rate: z.number().positive().optional(),
  details: texts.optional(),
});

/** The answer to `hello`. */
export const helloAnswer = z.strictObject({
  protocol: z.literal(PROTOCOLS),
  name: text(200),
  clock: text(200),
  details: texts.optional(),
  files: z.array(text(4096)).max(1000).optional(),
  kernels: z.array(told).min(1).max(MOST_KERNELS),
});

export type Hello = z.infer<typeof helloAnswer>;

export const supportsAnswer = z.union([z.literal(true), text(2000)]);

/** The answer to `run`: seconds. */
export const runAnswer = z.strictObject({
  wall: z.number(),
  device: z.number().nullable().optional(),
});

const shape = z.array(z.int()).max(8);

/** The answer to `outputs`: `shape` is that of `out`, and `gradients` has those of the gradients, by their names. */
export const outputsAnswer = z.strictObject({
  dtype: text(20),
  shape,
  gradients: z.record(z.string().max(60), shape).optional(),
  workspace_bytes: z.number().nonnegative().nullable().optional(),
});

/** The forms in which a program may ask for a case's pattern. */
export const NEEDS = ["ranges", "csr"] as const;

export type Need = (typeof NEEDS)[number];
