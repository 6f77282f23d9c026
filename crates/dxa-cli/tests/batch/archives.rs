//! Folders, tar, zip and lists of paths give the same numbers; the same object twice counts once.

use std::path::Path;
use std::process::Command;

use crate::{SCANS, batch, rows, source, text};

/// Tables without the paths that errors name.
fn numbers(out: &Path) -> Vec<Vec<u8>> {
    ["studies", "scans", "regions", "scores", "quality", "refusals"]
        .map(|table| std::fs::read(out.join(format!("{table}.csv"))).unwrap())
        .into()
}

#[test]
fn an_archive_gives_what_its_folder_does() {
    let source = source("archives");
    let at = |name: &str| source.with_file_name(name);
    batch(&source, &at("folder"), &["--formats", "csv"]);
    let parent = source.parent().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(parent).output().unwrap();
        assert!(output.status.success(), "{program}: {}", text(&output.stderr));
    };
    run("tar", &["-cf", "all.tar", "source"]);
    run("tar", &["-czf", "all.tar.gz", "source"]);
    let zip = "import shutil; shutil.make_archive('all', 'zip', '.', 'source')";
    run("python3", &["-c", zip]);
    for archive in ["all.tar", "all.tar.gz", "all.zip"] {
        let out = at(&format!("out-{archive}"));
        batch(&at(archive), &out, &["--formats", "csv"]);
        assert_eq!(numbers(&out), numbers(&at("folder")), "{archive}");
        let path = rows(&out, "errors")[0]["path"].clone();
        assert_eq!(path, format!("{archive}/source/17-truncated.dcm"));
    }
    let list = at("paths.txt");
    let paths = SCANS[1..].iter().map(|name| source.join(name));
    let paths = paths.chain([source.join("王 小东").join(SCANS[0])]);
    std::fs::write(&list, paths.map(|path| format!("{}\n", path.display())).collect::<String>()).unwrap();
    batch(&list, &at("listed"), &["--formats", "csv"]);
    assert_eq!(numbers(&at("listed")), numbers(&at("folder")));
}

#[test]
fn the_same_object_twice_counts_once_and_another_under_its_identifier_is_refused() {
    let source = source("archives-twice");
    let out = source.with_file_name("out");
    let scans = crate::repository().join("test-scans");
    std::fs::copy(scans.join(SCANS[1]), source.join("again.dcm")).unwrap();
    for name in ["20-duplicate-uid-first.dcm", "20-duplicate-uid-second.dcm"] {
        std::fs::copy(scans.join(name), source.join(name)).unwrap();
    }
    batch(&source, &out, &["--formats", "csv"]);
    let hips: Vec<_> = rows(&out, "studies").into_iter().filter(|row| row["copies"] == "1").collect();
    assert_eq!((hips.len(), hips[0]["files"].as_str()), (1, "1"));
    let refused: Vec<_> =
        rows(&out, "errors").into_iter().filter(|row| row["code"] == "duplicate_instance").collect();
    assert_eq!((refused.len(), refused[0]["path"].as_str()), (1, "20-duplicate-uid-second.dcm"));
}
