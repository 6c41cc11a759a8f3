import "./level-shift.test.ts";
