//! Every seed of the fuzz targets is replayed, and the seeds are those that the byte writer writes.

#![expect(clippy::disallowed_methods, reason = "core takes bytes; its tests read them from files")]

mod hostile_files;

use std::fs;
use std::path::{Path, PathBuf};

use dxa_core::decode::object;
use dxa_core::guard::{self, Input, Leniency, Limits};
use hostile_files::HostileFile;

/// Seeds are small: a fuzzer changes a byte that matters sooner.
const SMALL: usize = 2 << 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds")
}

/// One file of every kind: those of the kinds that differ only in a number would teach a fuzzer nothing.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let teaches = |file: &HostileFile| {
        let one_of_many = file.name.starts_with("long-") && !file.name.starts_with("long-fragment");
        !one_of_many && !file.name.contains("1000000") && !file.name.contains("million")
    };
    let files = hostile_files::all();
    let written = files.iter().filter(|file| teaches(file)).map(|file| (file.name.clone(), file.bytes()));
    written.filter(|(_, bytes)| bytes.len() <= SMALL).collect()
}

#[test]
fn fuzz_seeds_are_those_that_the_writer_writes() {
    for (name, bytes) in seeds() {
        let path = folder().join(&name);
        if std::env::var_os("UPDATE_FUZZ_SEEDS").is_some() {
            fs::create_dir_all(folder()).expect("the checkout is writable");
            fs::write(&path, &bytes).expect("the checkout is writable");
        }
        let found = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if name == "deflated" {
            // Which bytes a compressor makes depends on how the workspace is built; what they hold does not.
            assert_eq!(digest(&found), digest(&bytes), "{name} is not what the writer writes");
            continue;
        }
        assert_eq!(found, bytes, "{name} is not what the writer writes; see fuzz/README.md");
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    guard::open(Input::whole(bytes), Leniency::Strict, &Limits::DEFAULT).expect("a sound object").digest()
}

#[test]
fn fuzz_seeds_break_nothing() {
    let mut replayed = 0;
    for entry in fs::read_dir(folder()).expect("the checkout has seeds") {
        let bytes = fs::read(entry.expect("readable").path()).expect("readable");
        let open = |leniency| guard::open(Input::whole(&bytes), leniency, &Limits::DEFAULT);
        if let Ok(object) = open(Leniency::Tolerant) {
            let _ = (object.digest(), object::read(&object));
        } else {
            assert!(open(Leniency::Strict).is_err(), "strict accepts what tolerant refuses");
        }
        replayed += 1;
    }
    assert!(replayed >= 50, "only {replayed} seeds");
}
