import "./bootstrap-ratio.test.ts";
