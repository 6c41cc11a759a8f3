import "./every-kernel.test.ts";
