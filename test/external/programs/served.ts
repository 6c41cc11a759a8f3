/** Kernels in TypeScript, for tests of what `serveKernels` does around them. */
import process from "node:process";
import { serveKernels } from "../../../src/kernels/external/child/serve-kernels.ts";

await serveKernels(
  [
    {
      id: "plain-softmax",
      kinds: ["softmaxPattern"],
      freedoms: ["kvHeads", "queries", "valueDim"],
      nanSafe: true,
      assumedRate: 1e8,
      supports: ({ head_dim }) => head_dim < 8 || "head_dim must be below 8",
      async prepare({ inputs: { q, k, v }, output, scale, ...shape }) {
        const mask = await shape.mask();
        const { queries, length, heads, kv_heads: kvHeads, head_dim: width, value_dim: columns } = shape;
        const perHead = mask.length > queries * length;
        console.log("printed in prepare");
        return () => {
          for (let row = 0; row < output.length / columns; row++) {
            const head = Math.floor(row / queries);
            const first = (perHead ? head % heads : 0) * queries * length + (row % queries) * length;
            const shared =
              Math.floor(((head % heads) * kvHeads) / heads) + Math.floor(head / heads) * kvHeads;
            const sums = new Float64Array(columns);
            let total = 0;
            for (let key = 0; key < length; key++) {
              if (mask[first + key] === 0) continue;
              const at = shared * length + key;
              let score = 0;
              for (let c = 0; c < width; c++) score += q[row * width + c] * k[at * width + c];
              const weight = Math.exp((scale ?? 1) * score);
              total += weight;
              for (let c = 0; c < columns; c++) sums[c] += weight * v[at * columns + c];
            }
            for (let c = 0; c < columns; c++) output[row * columns + c] = total === 0 ? 0 : sums[c] / total;
          }
        };
      },
    },
    {
      id: "in-parts",
      title: "A device of its own",
      device: "a drawer",
      details: { drawer: "upper" },
      prepare({ inputs, output, shapes }) {
        const drawer = new Float32Array(inputs.q.length);
        const pending: Promise<void>[] = [];
        if (shapes.out.length !== 4) throw new RangeError("four sizes are expected");
        return {
          load: () => drawer.set(inputs.q),
          run() {
            pending.push(
              new Promise((resolve) =>
                setTimeout(() => {
                  for (const [at, number] of drawer.entries()) drawer[at] = 2 * number;
                  resolve();
                }, 1),
              ),
            );
          },
          finish: async () => void (await Promise.all(pending.splice(0))),
          fetch: () => output.set(drawer),
          dispose: () => console.log("the drawer is empty"),
        };
      },
    },
    {
      id: "waits",
      prepare:
        ({ output, csr }) =>
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          output.fill((await csr()).entries.length);
        },
    },
    {
      id: "trains",
      passes: ["forward", "train"],
      prepare: ({ pass, gradients, inputs, outputs, output }) => {
        if (pass === "forward") return () => output.fill(gradients.length);
        return () => {
          output.set(inputs.q);
          for (const name of gradients) outputs[`d${name}`].set(inputs[name].map((x) => x * inputs.dout[0]));
        };
      },
    },
    {
      id: "fails",
      prepare({ params }) {
        if (params?.where === "prepare") throw new RangeError("a reason\nin two lines");
        if (params?.where === "nothing") return undefined as unknown as () => void;
        let calls = 0;
        return () => {
          calls++;
          if (calls > 1) process.emitWarning("it goes wrong");
          if (calls > 1) throw new Error("out of luck");
        };
      },
    },
  ],
  { name: "a drawer", details: { made: "of wood" } },
);
