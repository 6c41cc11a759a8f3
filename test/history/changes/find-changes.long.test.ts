import "./find-changes.test.ts";
