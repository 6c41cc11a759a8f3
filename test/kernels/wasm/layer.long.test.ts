import "./layer.test.ts";
