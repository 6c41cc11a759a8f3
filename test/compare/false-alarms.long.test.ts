import "./false-alarms.test.ts";
