// What tests share: conformance suites of the ports, and the real servers that they run against.
// Never imported by a program.
export {};
