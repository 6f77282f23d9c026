//! The same objects give the same result and the same documents to the last byte: however often, on however many
//! threads at once, and in a store of another process.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dxa_server::config::Config;
use dxa_server::store::{Document, Error, Incoming, Store, now};
use dxa_server::work::analysis::{self, Outcome, STACK_BYTES, Task};
use dxa_server::work::{Analyst, Outbox, Runner, Workshop, queue};
use tokio_util::sync::CancellationToken;

/// A spine measured from pixels, and a report of a device.
const STUDIES: [&[&str]; 2] =
    [&["13-dual-energy-high.dcm", "13-dual-energy-low.dcm"], &["09-sr-enhanced-hologic.dcm"]];

fn objects(names: &[&str]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans");
    names.iter().map(|name| std::fs::read(folder.join(name)).unwrap()).collect()
}

fn analyzed(objects: &[Vec<u8>]) -> Outcome {
    let task =
        Task { profile: "iscd-2023".to_owned(), profile_source: "default".to_owned(), ..Task::default() };
    analysis::run(&task, objects).unwrap()
}

#[test]
fn the_same_objects_give_the_same_bytes_on_any_number_of_threads() {
    for names in STUDIES {
        let objects = Arc::new(objects(names));
        let first = Arc::new(analyzed(&objects));
        assert!(first.documents.len() >= 4, "{} documents", first.documents.len());
        for threads in [1, 2, 8] {
            let worker = |_| {
                let (objects, first) = (Arc::clone(&objects), Arc::clone(&first));
                let build = std::thread::Builder::new().stack_size(STACK_BYTES);
                build.spawn(move || (0..rounds() / threads).all(|_| analyzed(&objects) == *first)).unwrap()
            };
            let workers: Vec<_> = (0..threads).map(worker).collect();
            assert!(
                workers.into_iter().all(|worker| worker.join().unwrap()),
                "{names:?} on {threads} threads"
            );
        }
    }
}

/// `cargo xtask endure` runs many.
fn rounds() -> usize {
    std::env::var("DXA_REPEATS").map_or(8, |rounds| rounds.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_store_and_a_restart_give_the_same_documents() {
    let first = kept("first", false).await;
    let second = kept("second", true).await;
    assert!(!first.is_empty());
    assert_eq!(first, second);
}

/// Everything that a store of its own keeps of the studies.
async fn kept(name: &str, restarted: bool) -> Vec<(String, Vec<Document>)> {
    let folder: PathBuf = std::env::temp_dir().join(format!("dxa-same-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let mut config = Config::default();
    config.store.data.clone_from(&folder);
    config.store.prepared_segments = 0;
    config.store.reserve_bytes = 0;
    config.work.deadline_seconds = 120;
    let mut store = Store::open(&config).await.unwrap();
    let mut studies = Vec::new();
    for names in STUDIES {
        for bytes in objects(names) {
            let incoming = Incoming { bytes, source: "TEST".to_owned(), announced: None, study: None };
            studies.push(store.keep(incoming).await.unwrap().identity().study.clone());
        }
    }
    studies.dedup();
    if restarted {
        store.close().await;
        store = Store::open(&config).await.unwrap();
    }
    let outbox: Outbox = Arc::new(|_, _, _| Box::pin(async { Ok::<(), Error>(()) }));
    let shop = Workshop { store: store.clone(), config: Arc::new(config), analyst: Analyst::Thread, outbox };
    let stop = CancellationToken::new();
    let runner = Runner::start(&shop, &stop).unwrap();
    queue::complete(store.database(), &studies, now()).await.unwrap();
    let mut all = Vec::new();
    for study in studies {
        let begun = Instant::now();
        let result = loop {
            if let Ok(result) = store.result(&study, None).await {
                break result;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{study} is not analyzed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        all.push((result.json, store.documents(&study, 1, |_, _| true).await.unwrap()));
    }
    stop.cancel();
    runner.ended().await;
    store.close().await;
    let _ = std::fs::remove_dir_all(&folder);
    all
}
