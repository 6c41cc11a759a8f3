import "./steppers.test.ts";
