import "./e-divisive.test.ts";
