import "./split-null.test.ts";
