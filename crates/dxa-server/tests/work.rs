//! From kept objects to results: when, how often, and what becomes of studies that cannot be analyzed.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod postgres;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dxa_server::config::{Config, Secret};
use dxa_server::store::{self, Error, Expected, Incoming, Kept, Query, Store, StudyRow, now};
use dxa_server::work::{Analyst, Outbox, Runner, Workshop, queue};
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn a_study_is_analyzed_when_it_is_complete_and_again_when_more_comes() {
    let place = Place::new("complete");
    let shop = place.shop(Analyst::Thread, |_| {}).await;
    let stop = CancellationToken::new();
    let runner = Runner::start(&shop, &stop).unwrap();
    let study = keep(&shop.store, "07-hologic-spine.dcm").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(shop.store.study(&study).await.unwrap().state, "receiving", "the association is still open");
    let begun = Instant::now();
    queue::complete(shop.store.database(), std::slice::from_ref(&study), now()).await.unwrap();
    let row = until(&shop.store, &study, |row| row.version == 1).await;
    // One second is what the optimized service is held to.
    let most = Duration::from_secs(if cfg!(debug_assertions) { 4 } else { 1 });
    assert!(begun.elapsed() < most, "{:?} from complete to result", begun.elapsed());
    assert_eq!(row.state, "analyzed");
    let first = shop.store.result(&study, None).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&first.json).unwrap();
    assert_eq!(json["study"]["instance_uid"], study);
    assert_eq!((&json["provenance"]["version"], &json["provenance"]["supersedes"]), (&1.into(), &().into()));
    assert_eq!(first.reason, "new_study");

    // The same object again changes nothing.
    assert_eq!(keep(&shop.store, "07-hologic-spine.dcm").await, study);
    // An object that comes late re-opens the study; its new result takes the place of the old one, which stays.
    let late = file("07-hologic-spine.dcm");
    let late = renamed(&late);
    assert!(matches!(shop.store.keep(incoming(late)).await.unwrap(), Kept::New(_)));
    assert_eq!(shop.store.study(&study).await.unwrap().state, "receiving");
    queue::complete(shop.store.database(), std::slice::from_ref(&study), now()).await.unwrap();
    until(&shop.store, &study, |row| row.version == 2).await;
    let versions = shop.store.versions(&study).await.unwrap();
    let numbers: Vec<_> =
        versions.iter().map(|row| (row.version, row.supersedes, row.reason.as_str())).collect();
    assert_eq!(numbers, [(1, None, "new_study"), (2, Some(1), "late_objects")]);
    assert_eq!(versions[0].json, first.json);

    // Asked for again without anything new: the result stands.
    ask(&shop.store, &study).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(shop.store.study(&study).await.unwrap().version, 2);
    stop.cancel();
    runner.ended().await;

    // A start with another protocol analyzes again what is not signed.
    let mut config = (*shop.config).clone();
    config.study.profile = "china-2022".to_owned();
    let shop = Workshop { config: Arc::new(config), ..shop };
    let stop = CancellationToken::new();
    let runner = Runner::start(&shop, &stop).unwrap();
    until(&shop.store, &study, |row| row.version == 3).await;
    stop.cancel();
    runner.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn studies_that_hang_or_kill_their_process_are_set_aside_and_hinder_nobody() {
    for (name, script, reason) in [
        ("hang", "sleep 60", "the analysis took longer than 1 s"),
        ("die", "exit 3", "the analysis ended without a result; it may have needed too much memory"),
    ] {
        let place = Place::new(name);
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        let analyst = Analyst::Child { program: "/bin/sh".into(), arguments, memory_bytes: 1 << 30 };
        let shop = place.shop(analyst, |config| config.work.deadline_seconds = 1).await;
        let stop = CancellationToken::new();
        let runner = Runner::start(&shop, &stop).unwrap();
        let study = keep(&shop.store, "07-hologic-spine.dcm").await;
        queue::complete(shop.store.database(), std::slice::from_ref(&study), now()).await.unwrap();
        let row = until(&shop.store, &study, |row| row.state == "failed").await;
        assert_eq!((row.version, row.failure.as_deref()), (0, Some(reason)));
        stop.cancel();
        runner.ended().await;
        // Asked for again, with whatever hindered it gone, it is analyzed.
        let mut config = (*shop.config).clone();
        config.work.deadline_seconds = 120;
        let shop = Workshop { analyst: Analyst::Thread, config: Arc::new(config), ..shop };
        let stop = CancellationToken::new();
        let runner = Runner::start(&shop, &stop).unwrap();
        ask(&shop.store, &study).await;
        until(&shop.store, &study, |row| row.version == 1 && row.failure.is_none()).await;
        stop.cancel();
        runner.ended().await;
    }
}

/// A worklist says that two objects will come: the study waits for the second, and not a moment longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_study_is_complete_when_all_that_is_expected_is_here() {
    let place = Place::new("expected");
    let shop = place.shop(Analyst::Thread, |config| config.study.expected_seconds = 3.0).await;
    let stop = CancellationToken::new();
    let runner = Runner::start(&shop, &stop).unwrap();
    let high = file("13-dual-energy-high.dcm");
    let low = file("13-dual-energy-low.dcm");
    let study = shop.store.keep(incoming(high)).await.unwrap().identity().study.clone();
    let expect = async |study: &str, instances: i64| {
        let expected =
            Expected { study: study.to_owned(), instances: Some(instances), ..Expected::default() };
        let mut transaction = shop.store.database().begin().await.unwrap();
        store::expect(&mut transaction, &expected).await.unwrap();
        transaction.commit().await.unwrap();
    };
    expect(&study, 2).await;
    queue::complete(shop.store.database(), std::slice::from_ref(&study), now()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1000)).await;
    assert_eq!(shop.store.study(&study).await.unwrap().version, 0, "half a pair was analyzed");
    shop.store.keep(incoming(low)).await.unwrap();
    // The quiet time would be an hour; nothing more is expected.
    let later = now() + 3_600_000;
    queue::complete(shop.store.database(), std::slice::from_ref(&study), later).await.unwrap();
    until(&shop.store, &study, |row| row.version == 1).await;
    let result = shop.store.result(&study, None).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&result.json).unwrap();
    assert_eq!(
        json["scans"][0]["sop_instance_uids"].as_array().unwrap().len(),
        2,
        "half a pair was analyzed"
    );

    // What does not come is not waited for without end.
    let lone = keep(&shop.store, "07-hologic-spine.dcm").await;
    expect(&lone, 5).await;
    queue::complete(shop.store.database(), std::slice::from_ref(&lone), now()).await.unwrap();
    let begun = Instant::now();
    until(&shop.store, &lone, |row| row.version == 1).await;
    assert!(begun.elapsed() > Duration::from_secs(2), "{:?}", begun.elapsed());
    stop.cancel();
    runner.ended().await;
}

/// What becomes known while the first analysis is under way is looked at once more: it may have come too late for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_during_the_first_analysis_is_not_lost() {
    let place = Place::new("meanwhile");
    let shop = place.shop(Analyst::Thread, |_| ()).await;
    let database = shop.store.database();
    let study = keep(&shop.store, "07-hologic-spine.dcm").await;
    queue::complete(database, std::slice::from_ref(&study), now()).await.unwrap();
    let tell = async || {
        let mut transaction = database.begin().await.unwrap();
        queue::ask_anew(&mut transaction, &study).await.unwrap();
        transaction.commit().await.unwrap();
    };
    tell().await;
    let first = queue::claim(database, "one", 60_000).await.unwrap().unwrap();
    assert_eq!(shop.store.study(&study).await.unwrap().state, "receiving");
    tell().await;
    let mut transaction = database.begin().await.unwrap();
    queue::done(&mut transaction, &first, "one").await.unwrap();
    transaction.commit().await.unwrap();
    let second = queue::claim(database, "one", 60_000).await.unwrap().expect("another look");
    assert_eq!(second.subject, study);
    let mut transaction = database.begin().await.unwrap();
    queue::done(&mut transaction, &second, "one").await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(queue::claim(database, "one", 60_000).await.unwrap(), None);
}

/// Two visits are analyzed at the same time: the later began before the earlier had a result, and is analyzed again.
#[tokio::test(flavor = "multi_thread")]
async fn visits_that_are_analyzed_at_the_same_time_are_compared() {
    let place = Place::new("visits");
    let shop = place.shop(Analyst::Thread, |_| {}).await;
    let database = shop.store.database();
    let earlier = file("07-hologic-spine.dcm");
    let another_day = [tags::SOP_INSTANCE_UID, tags::STUDY_INSTANCE_UID, tags::STUDY_DATE];
    let later = another_day.into_iter().fold(earlier.clone(), |file, tag| altered(&file, tag));
    let later = shop.store.keep(incoming(later)).await.unwrap().identity().study.clone();
    queue::complete(database, std::slice::from_ref(&later), now()).await.unwrap();
    let under_way = queue::claim(database, "one", 60_000).await.unwrap().unwrap();
    assert_eq!(under_way.subject, later);
    let stop = CancellationToken::new();
    let runner = Runner::start(&shop, &stop).unwrap();
    let earlier = shop.store.keep(incoming(earlier)).await.unwrap().identity().study.clone();
    queue::complete(database, std::slice::from_ref(&earlier), now()).await.unwrap();
    until(&shop.store, &earlier, |row| row.version == 1).await;
    stop.cancel();
    runner.ended().await;
    let mut transaction = database.begin().await.unwrap();
    queue::done(&mut transaction, &under_way, "one").await.unwrap();
    transaction.commit().await.unwrap();
    // The earlier one may have been given back when the runner stopped.
    let mut waiting = Vec::new();
    while let Some(claim) = queue::claim(database, "one", 60_000).await.unwrap() {
        waiting.push(claim.subject);
    }
    assert!(waiting.contains(&later), "{waiting:?}");
}

/// One flipped byte of a stored object: no number comes of it, and the study says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_object_is_set_aside_and_never_analyzed() {
    let place = Place::new("rot");
    let shop = place.shop(Analyst::Thread, |_| {}).await;
    let study = keep(&shop.store, "07-hologic-spine.dcm").await;
    let instance = shop.store.instances_of(&study).await.unwrap().remove(0);
    let segment = place.0.join("objects").join(&instance.place.segment);
    let mut bytes = std::fs::read(&segment).unwrap();
    let at = usize::try_from(instance.place.position + instance.place.length - 500).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let stop = CancellationToken::new();
    let runner = Runner::start(&shop, &stop).unwrap();
    queue::complete(shop.store.database(), std::slice::from_ref(&study), now()).await.unwrap();
    let row = until(&shop.store, &study, |row| row.state == "failed").await;
    let reason = "none of the objects of this study can be read";
    assert_eq!((row.version, row.failure.as_deref()), (0, Some(reason)));
    let checked = shop.store.check().await.unwrap();
    assert_eq!((checked.sound, checked.damaged), (0, 1));
    // The scanner sends it again: it is sound, and analyzed.
    assert!(matches!(shop.store.keep(incoming(file("07-hologic-spine.dcm"))).await.unwrap(), Kept::New(_)));
    queue::complete(shop.store.database(), std::slice::from_ref(&study), now()).await.unwrap();
    until(&shop.store, &study, |row| row.version == 1 && row.failure.is_none()).await;
    stop.cancel();
    runner.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_share_a_database_and_analyze_nothing_twice() {
    let place = Place::new("shared");
    let server = postgres::Server::start(&place.0);
    let change = |config: &mut Config| {
        config.store.database = Secret::new(server.url());
        config.work.lease_seconds = 1;
    };
    let first = place.shop(Analyst::Thread, change).await;
    let second = place.shop(Analyst::Thread, change).await;
    let names = ["07-hologic-spine.dcm", "01-ge-idxa-ap-spine.dcm", "10-pdf-spine.dcm", "15-name-utf8.dcm"];
    let mut studies = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        studies.push(keep(if index % 2 == 0 { &first.store } else { &second.store }, name).await);
    }
    queue::complete(first.store.database(), &studies, now()).await.unwrap();
    // A third one claims work and dies.
    let dead = queue::claim(first.store.database(), "dead", 1000).await.unwrap().unwrap();
    assert!(studies.contains(&dead.subject));
    let stop = CancellationToken::new();
    let runners = [Runner::start(&first, &stop).unwrap(), Runner::start(&second, &stop).unwrap()];
    for study in &studies {
        until(&first.store, study, |row| row.state == "analyzed").await;
    }
    stop.cancel();
    for runner in runners {
        runner.ended().await;
    }
    for study in &studies {
        assert_eq!(second.store.versions(study).await.unwrap().len(), 1, "{study}");
    }
    first.store.close().await;
    second.store.close().await;
}

/// Gives the object another SOP Instance UID of the same length.
fn renamed(file: &[u8]) -> Vec<u8> {
    altered(file, tags::SOP_INSTANCE_UID)
}

/// Gives an attribute, wherever its value stands, another last digit.
fn altered(file: &[u8], tag: Tag) -> Vec<u8> {
    let object = dicom_object::FileDicomObject::from_reader(file).unwrap();
    let value = object.element(tag).unwrap().to_str().unwrap().into_owned();
    let last = if value.ends_with('7') { '8' } else { '7' };
    let other = format!("{}{last}", &value[..value.len() - 1]);
    let mut file = file.to_vec();
    for at in 0..file.len() - value.len() {
        if file[at..].starts_with(value.as_bytes()) {
            file[at..at + value.len()].copy_from_slice(other.as_bytes());
        }
    }
    file
}

async fn ask(store: &Store, study: &str) {
    let mut transaction = store.database().begin().await.unwrap();
    queue::ask(&mut transaction, queue::ANALYZE, study, now()).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn until(store: &Store, study: &str, condition: impl Fn(&StudyRow) -> bool) -> StudyRow {
    let begun = Instant::now();
    loop {
        let row = store.study(study).await.unwrap();
        if condition(&row) {
            return row;
        }
        // Whoever waits this long waits for something that does not come, also where others use the machine.
        assert!(begun.elapsed() < Duration::from_secs(120), "{row:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn keep(store: &Store, name: &str) -> String {
    store.keep(incoming(file(name))).await.unwrap().identity().study.clone()
}

fn incoming(bytes: Vec<u8>) -> Incoming {
    Incoming { bytes, source: "TEST".to_owned(), announced: None, study: None }
}

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-scans");
    std::fs::read(folder.join(name)).unwrap()
}

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dxa-work-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    async fn shop(&self, analyst: Analyst, change: impl FnOnce(&mut Config)) -> Workshop {
        let mut config = Config::default();
        config.store.data.clone_from(&self.0);
        config.store.segment_bytes = 4 << 20;
        config.store.prepared_segments = 0;
        config.store.reserve_bytes = 0;
        config.work.workers = 2;
        // A build without optimization, on a machine that others use too, takes its time.
        config.work.deadline_seconds = 120;
        change(&mut config);
        let store = Store::open(&config).await.unwrap();
        let outbox: Outbox = Arc::new(|_, _, _| Box::pin(async { Ok::<(), Error>(()) }));
        assert!(store.studies(&Query::default()).await.unwrap().rows.is_empty());
        Workshop { store, config: Arc::new(config), analyst, outbox }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
