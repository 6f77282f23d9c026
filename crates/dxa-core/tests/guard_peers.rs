//! What the guard accepts, a parser of another make reads the same way, on the stack that readers are given.

#![expect(clippy::disallowed_methods, reason = "core takes bytes; its tests read them from files")]

mod hostile_files;
mod mutants;
mod peer;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use dicom_core::VR;
use dicom_core::dictionary::DataDictionary;
use dicom_dictionary_std::StandardDataDictionary;
use dxa_core::decode::object;
use dxa_core::guard::{self, Elements, Input, Leniency, Limits, Object};
use hostile_files::Answer;
use mutants::Mutants;
use peer::Reading;

fn open(bytes: &[u8]) -> Option<Object<'_>> {
    guard::open(Input::whole(bytes), Leniency::Tolerant, &Limits::DEFAULT).ok()
}

/// Top-level elements; sequences and fragments without their length, which the peer gives as it was written.
fn elements(object: &Object<'_>) -> peer::Elements {
    let length = |element: &guard::Element<'_>| {
        let is_plain = element.vr() != VR::SQ && !element.has_fragments();
        is_plain.then(|| element.len() as u32)
    };
    let mut elements: peer::Elements =
        object.root().iter().map(|element| (element.tag(), length(&element))).collect();
    // The peer keeps elements in the order of their tags.
    elements.sort_unstable();
    elements
}

/// The transfer syntax as the data set is written; the one stated may be the other of the two.
fn written_syntax<'o>(object: &'o Object<'_>) -> &'o str {
    let syntax = object.syntax();
    match (syntax.explicit, syntax.uid.as_str()) {
        (false, _) => "1.2.840.10008.1.2",
        (true, "1.2.840.10008.1.2") => "1.2.840.10008.1.2.1",
        (true, stated) => stated,
    }
}

/// Whether every number has all its bytes. The peer reads as many as are whole and goes on in the middle of the
/// value, where it then takes anything for a length.
fn numbers_are_whole(data_set: Elements<'_>) -> bool {
    data_set.iter().all(|element| {
        let vr = match element.vr() {
            VR::UN => StandardDataDictionary.by_tag(element.tag()).map_or(VR::UN, |entry| entry.vr.relaxed()),
            written => written,
        };
        let bytes = match vr {
            VR::SS | VR::US | VR::OW => 2,
            VR::AT | VR::FL | VR::OF | VR::OL | VR::SL | VR::UL => 4,
            VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
            _ => 1,
        };
        element.has_fragments() || (element.len() % bytes == 0 && element.items().all(numbers_are_whole))
    })
}

/// Runs work on the stack of a reader; an overflow ends the process and with it the test.
fn on_readers_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(guard::STACK_BYTES).spawn_scoped(scope, work);
        reader.expect("threads can be started").join().expect("the reader does not panic")
    })
}

/// The folder of files that pydicom ships; the test command installs it.
fn pydicom_data() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let installed = root.join(".venv/bin/python");
    let python = if installed.exists() { installed } else { PathBuf::from("python3") };
    let script = "import pathlib, pydicom; print(pathlib.Path(pydicom.__file__).parent / 'data')";
    let output = Command::new(&python).args(["-c", script]).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} has no pydicom (tests/requirements.txt): {said}", python.display());
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

/// All files at or below a folder, in the order of their paths.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    paths.into_iter().flat_map(below).collect()
}

fn pydicom_files() -> Vec<PathBuf> {
    let data = pydicom_data();
    ["test_files", "charset_files"].iter().flat_map(|folder| files_below(&data.join(folder))).collect()
}

#[test]
fn files_of_pydicom_are_read_like_the_peer_reads_them() {
    let files = pydicom_files();
    assert!(files.len() > 150, "pydicom ships only {} files", files.len());
    let mut compared = 0;
    let mut complaints = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).expect("pydicom's own files are readable");
        let Some(object) = open(&bytes) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ours = elements(&object);
        match on_readers_stack(|| peer::read(&bytes, written_syntax(&object))) {
            Reading::Elements(theirs) if theirs == ours => compared += 1,
            Reading::Elements(theirs) => {
                let first = ours.iter().zip(&theirs).find(|(one, other)| one != other);
                complaints.push(format!("{name}: {} and {} elements, {first:?}", ours.len(), theirs.len()));
            }
            Reading::Refused(reason) => complaints.push(format!("{name}: {reason}")),
            Reading::Panicked => complaints.push(format!("{name}: the peer panicked")),
            Reading::CannotBeAsked => {}
        }
    }
    assert!(complaints.is_empty(), "{compared} agree\n{}", complaints.join("\n"));
    assert!(compared > 100, "only {compared} files were compared");
}

/// The proof that the depth limit fits the stack: the peer recurses, and this test is built without optimization.
#[test]
fn the_deepest_accepted_objects_fit_the_stack_of_readers() {
    let deepest = hostile_files::all();
    let deepest = deepest.iter().filter(|file| file.name.starts_with("nested-32-"));
    let mut parsed = 0;
    for file in deepest.filter(|file| file.answer == Answer::Accepted) {
        let bytes = file.bytes();
        let reading = on_readers_stack(|| {
            let accepted = open(&bytes).expect("at the limit");
            let _ = (accepted.digest(), object::read(&accepted));
            peer::read(&bytes, written_syntax(&accepted))
        });
        match reading {
            Reading::Elements(_) => parsed += 1,
            Reading::CannotBeAsked => assert!(file.name.contains("unknown"), "{}", file.name),
            other => panic!("{}: {other:?}", file.name),
        }
    }
    assert_eq!(parsed, 6);
}

/// Seeds of every kind, small enough that many mutants hit what matters.
fn seeds() -> Vec<Vec<u8>> {
    const SMALL: usize = 32 << 10;
    let scans = files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans"));
    let read = |path: PathBuf| std::fs::read(&path).expect("readable");
    let files = pydicom_files().into_iter().chain(scans).map(read);
    let hostile = hostile_files::all();
    let written = hostile.iter().filter(|file| file.answer == Answer::Accepted).map(|file| file.bytes());
    files.chain(written).filter(|bytes| bytes.len() <= SMALL).collect()
}

#[test]
fn mutants_end_in_an_answer_and_the_peer_survives_what_is_accepted() {
    const MUTANTS: usize = 20_000;
    let seeds = seeds();
    assert!(seeds.len() > 100, "only {} seeds", seeds.len());
    let (mut accepted, mut agreed, mut refused_by_peer) = (0, 0, 0);
    on_readers_stack(|| {
        for mutant in Mutants::of(&seeds).take(MUTANTS) {
            let Some(object) = open(&mutant) else { continue };
            accepted += 1;
            let _ = (object.digest(), object::read(&object));
            if !numbers_are_whole(object.root()) {
                continue;
            }
            match peer::read(&mutant, written_syntax(&object)) {
                Reading::Elements(theirs) => {
                    assert_eq!(theirs, elements(&object));
                    agreed += 1;
                }
                // In Implicit VR a sequence that holds no items is refused there and a plain value here.
                Reading::Refused(_) => refused_by_peer += 1,
                Reading::Panicked => panic!("the peer panicked"),
                Reading::CannotBeAsked => {}
            }
        }
    });
    assert!(accepted > MUTANTS / 5, "only {accepted} mutants were accepted");
    assert!(agreed > accepted * 8 / 10, "{agreed} of {accepted} agree");
    assert!(refused_by_peer * 100 < accepted, "the peer refuses {refused_by_peer} of {accepted}");
}
