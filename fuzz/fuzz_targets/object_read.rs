//! The path of one file up to an object of a study, as `pipeline::read` runs it.
#![no_main]

use dxa_core::decode::object;
use dxa_core::guard::{self, Input, Leniency, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(walked) = guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT) {
        let _ = object::read(&walked);
    }
});
