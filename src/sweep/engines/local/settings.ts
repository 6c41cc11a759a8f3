import * as z from "zod";

/** What a plan may say of a class of machines that is measured here. */
export const localSettings = z.strictObject({
  /** Processors that shards may run on, as `taskset -c` takes them: a restricted set stands for another machine. */
  processors: z
    .string()
    .regex(/^\d{1,5}(-\d{1,5}(:\d{1,5})?)?(,\d{1,5}(-\d{1,5}(:\d{1,5})?)?)*$/, {
      error: "must be processors such as 0-3 or 0,2",
    })
    .optional(),
});

export type LocalSettings = z.infer<typeof localSettings>;
