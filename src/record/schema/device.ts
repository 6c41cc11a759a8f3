import * as z from "zod";
import { count, measured, text } from "./quantities.ts";

/** By which clock something was timed: that of the process that asks, or the device's own. */
export const clock = z.enum(["host", "device"]);

/** What a device reaches at its best; null where it could not be measured. */
const rates = z.object({
  /** By which clock; `host` if any of them was. */
  clock,
  /** Operations per second of products and sums in registers. */
  register_flops_per_s: measured.nullable(),
  /** The same of products of tiles whose operands are in the memory of a workgroup: what kernels are read against. */
  tile_flops_per_s: measured.nullable(),
  /** Bytes per second read from a working set of `read_bytes`. */
  read_bytes_per_s: measured.nullable(),
  read_bytes: count.optional(),
});

/** What a kernel computes on if it is none of the machine's processors, as the device says of itself. */
export const device = z.object({
  /** Whose device it is. */
  kernel: text,
  name: text,
  /** Of the adapter; empty where it does not say. */
  vendor: text,
  architecture: text,
  device: text,
  description: text,
  /** Whether it computes in software, on the machine's processors after all; null if it does not say. */
  software: z.boolean().nullable(),
  /** Its driver's version; null if it does not say. */
  driver: text.nullable(),
  /** What it is reached through, with its version, and what that was told besides its defaults. */
  implementation: text,
  toggles: z.array(text),
  /** Of the features that kernels use, those that it has; and the limits that bound them. */
  features: z.array(text),
  limits: z.record(text, count),
  /** Measured when the run began; omitted if it was not. */
  rates: rates.optional(),
});

/** A device as a line of results has it. */
export type DeviceLine = z.infer<typeof device>;
/** What a device is. */
export type DeviceFacts = Omit<DeviceLine, "kernel" | "rates">;
export type DeviceRates = z.infer<typeof rates>;
