//! The test kit: what the demo, the benchmarks and the tests share.
