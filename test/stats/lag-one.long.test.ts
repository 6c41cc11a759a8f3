import "./lag-one.test.ts";
