#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fitout::fuzz::names(data));
