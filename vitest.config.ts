import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/property-seed.ts"],
    // Kernels compute without a pause, and runners share their cores.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
