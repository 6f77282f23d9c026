//! The guard alone, and its answer to a head of the same bytes.
#![no_main]

use dxa_core::guard::{self, Input, Leniency, Limits, Rejection};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let digest = |input| guard::open(input, Leniency::Tolerant, &Limits::DEFAULT).map(|object| {
        object.root().iter().map(|element| (element.tag(), element.len())).collect::<Vec<_>>()
    });
    let whole = digest(Input::whole(bytes));
    assert_ne!(whole, Err(Rejection::NeedMore));
    let head = digest(Input { head: &bytes[..bytes.len() / 2], total: bytes.len() as u64 });
    assert!(head == whole || head == Err(Rejection::NeedMore), "{head:?} by the head, {whole:?} by the whole");
    if let Ok(object) = guard::open(Input::whole(bytes), Leniency::Strict, &Limits::DEFAULT) {
        assert!(whole.is_ok(), "strict accepts what tolerant refuses");
        let _ = object.digest();
    }
});
