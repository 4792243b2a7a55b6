#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hiveboard_fuzz::message(data));
