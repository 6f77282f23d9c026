//! The store keeps what it says it keeps: once, bit for bit, across restarts, on both engines.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod bucket;
mod objects;

use dicom_dictionary_std::{tags, uids};
use dxa_server::config::{Config, Secret};
use dxa_server::store::{self, Error, Incoming, Kept, Query, Store};

fn config(folder: &std::path::Path) -> Config {
    let mut config = Config::default();
    config.store.data = folder.to_owned();
    config.store.segment_bytes = 1 << 20;
    config.store.prepared_segments = 0;
    config.store.reserve_bytes = 0;
    config
}

fn incoming(bytes: Vec<u8>) -> Incoming {
    Incoming { bytes, source: "TEST".to_owned(), announced: None, study: None }
}

async fn check_all(config: Config) {
    let store = Store::open(&config).await.unwrap();
    let first = objects::capture(1, 1, 700);
    let kept = store.keep(incoming(first.clone())).await.unwrap();
    assert!(matches!(&kept, Kept::New(identity) if identity.uid.ends_with(".1.1")), "{kept:?}");
    // The same content in another transfer syntax is the same object.
    let implicit = objects::written(&objects::data_set(1, 1, 700), uids::IMPLICIT_VR_LITTLE_ENDIAN);
    assert!(matches!(store.keep(incoming(implicit)).await.unwrap(), Kept::Same(_)));
    let mut other = objects::data_set(1, 1, 700);
    other.put_str(tags::ACCESSION_NUMBER, dicom_core::VR::SH, "OTHER");
    let other = objects::written(&other, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    assert!(matches!(store.keep(incoming(other)).await.unwrap(), Kept::Conflict(_)));
    let study = objects::data_set(1, 1, 700)
        .element(tags::STUDY_INSTANCE_UID)
        .unwrap()
        .to_str()
        .unwrap()
        .into_owned();
    assert_eq!(store.quarantined(&study).await.unwrap(), 1);

    // From many senders at once: every object once, and one of them sixteen times.
    let tasks: Vec<_> = (0..48u32)
        .map(|number| {
            let store = store.clone();
            let object = objects::capture(2, if number < 16 { 1 } else { number }, 200);
            tokio::spawn(async move { store.keep(incoming(object)).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += usize::from(matches!(task.await.unwrap(), Kept::New(_)));
    }
    assert_eq!(new, 33);
    check_reading(&store, &first).await;
    store.close().await;
    let again = Store::open(&config).await.unwrap();
    check_reading(&again, &first).await;
    assert!(matches!(again.keep(incoming(first)).await.unwrap(), Kept::Same(_)));
    again.close().await;
}

async fn check_reading(store: &Store, first: &[u8]) {
    let named = |name: &str| Query { patient_name: Some(name.to_owned()), ..Query::default() };
    let studies = store.studies(&named("canary^person1=*")).await.unwrap().rows;
    let [study] = studies.as_slice() else { panic!("{} studies", studies.len()) };
    assert_eq!((study.series, study.instances, study.modalities.as_str()), (1, 1, "OT"));
    assert_eq!(study.state, "receiving");
    assert!(study.tags.contains("金丝雀^1"), "{}", study.tags);
    let dates = Query { study_date: Some("20240101-20241231".to_owned()), limit: 1, ..Query::default() };
    let page = store.studies(&dates).await.unwrap();
    assert_eq!((page.rows.len(), page.more), (1, true));
    let instances = store.instances_of(&study.uid).await.unwrap();
    assert_eq!(store.read(&instances[0]).await.unwrap(), first);
    let second = Query { patient_id: Some("CANARY-2".to_owned()), ..Query::default() };
    assert_eq!(store.instances(&second).await.unwrap().rows.len(), 33);
    assert_eq!(store.series(&second).await.unwrap().rows[0].instances, 33);
}

#[tokio::test]
async fn objects_are_kept_once_with_sqlite() {
    let folder = Folder::new("sqlite");
    check_all(config(&folder.0)).await;
}

/// Fifty of a hundred thousand studies come from the index alone, however many there are.
#[tokio::test]
async fn a_page_of_many_studies_is_quick() {
    let folder = Folder::new("many");
    let store = Store::open(&config(&folder.0)).await.unwrap();
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)";
    let rows = [
        "INSERT INTO patients (id, identity, patient_id, name, created_at) \
         SELECT 'p' || i, 'id' || i, 'P' || i, 'Many^Person', 0 FROM n",
        "INSERT INTO studies (uid, patient, study_date, tags, created_at, arrived_at, arrivals, state) \
         SELECT '1.2.' || i, 'p' || i, 20000101 + i % 5000, '{}', 0, 0, 1, 'analyzed' FROM n",
        "INSERT INTO series (uid, study, modality, tags, created_at) \
         SELECT '1.2.' || i || '.1', '1.2.' || i, 'OT', '{}', 0 FROM n",
    ];
    for row in rows {
        let (into, from) = row.split_at(row.find("SELECT").unwrap());
        let statement = sqlx::AssertSqlSafe(format!("{into} {numbers} {from}"));
        sqlx::query(statement).execute(store.database().write()).await.unwrap();
    }
    let page = Query { limit: 50, ..Query::default() };
    let first = store.studies(&page).await.unwrap();
    assert_eq!((first.rows.len(), first.more), (50, true));
    let mut times = Vec::new();
    for offset in 0..21 {
        let begun = std::time::Instant::now();
        store.studies(&Query { offset, ..page.clone() }).await.unwrap();
        times.push(begun.elapsed());
    }
    times.sort();
    // An unoptimized build on a busy machine; reading all rows would take more than a second.
    assert!(times[10] < std::time::Duration::from_millis(150), "{times:?}");
}

#[tokio::test]
async fn a_copy_of_the_store_is_the_store() {
    let (folder, copy, other) = (Folder::new("copied"), Folder::new("copy"), Folder::new("restored"));
    let config_of = |folder: &Folder| config(&folder.0);
    let store = Store::open(&config_of(&folder)).await.unwrap();
    for number in 1..20 {
        store.keep(incoming(objects::capture(1, number, 300))).await.unwrap();
    }
    assert!(matches!(Store::open(&config_of(&folder)).await, Err(Error::Busy)));
    store::backup(&config_of(&folder), &copy.0).await.unwrap();
    store.keep(incoming(objects::capture(1, 20, 300))).await.unwrap();
    // Copied again, the copy has what came meanwhile.
    store::backup(&config_of(&folder), &copy.0).await.unwrap();
    assert!(store::restore(&config_of(&folder), &copy.0).is_err(), "the store is not empty");
    store::restore(&config_of(&other), &copy.0).unwrap();
    let restored = Store::open(&config_of(&other)).await.unwrap();
    let checked = restored.check().await.unwrap();
    assert_eq!((checked.sound, checked.damaged), (20, 0));
    assert!(matches!(restored.keep(incoming(objects::capture(1, 7, 300))).await.unwrap(), Kept::Same(_)));
}

#[tokio::test]
async fn objects_are_kept_in_a_bucket() {
    let folder = Folder::new("bucket");
    let mut config = config(&folder.0);
    config.store.blobs = "memory://bucket/prefix".to_owned();
    let store = Store::open(&config).await.unwrap();
    let first = objects::capture(1, 1, 700);
    assert!(matches!(store.keep(incoming(first.clone())).await.unwrap(), Kept::New(_)));
    let instances = store.instances(&Query::default()).await.unwrap().rows;
    assert_eq!(store.read(&instances[0]).await.unwrap(), first);
}

/// The same over HTTP, with the S3 client, and with a bucket that refuses for a while.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_that_a_bucket_did_not_take() {
    let folder = Folder::new("s3");
    let bucket = bucket::Bucket::start().await;
    let mut config = config(&folder.0);
    config.store.blobs = "s3://scans/dxa".to_owned();
    config.store.s3_endpoint = Some(bucket.address.clone());
    config.store.s3_region = Some("eu-central-1".to_owned());
    config.store.s3_key = Some(Secret::new("key".to_owned()));
    config.store.s3_secret = Some(Secret::new("secret".to_owned()));
    let store = Store::open(&config).await.unwrap();
    let first = objects::capture(1, 1, 700);
    bucket.refuse(true);
    assert!(store.keep(incoming(first.clone())).await.is_err());
    assert!(store.instances(&Query::default()).await.unwrap().rows.is_empty());
    bucket.refuse(false);
    assert!(matches!(store.keep(incoming(first.clone())).await.unwrap(), Kept::New(_)));
    let instances = store.instances(&Query::default()).await.unwrap().rows;
    assert_eq!(store.read(&instances[0]).await.unwrap(), first);
    assert!(bucket.keys().iter().all(|key| key.starts_with("/scans/dxa/")), "{:?}", bucket.keys());
    bucket.forget();
    assert!(matches!(store.read(&instances[0]).await, Err(Error::Damaged)));
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    let folder = Folder::new("refused");
    let store = Store::open(&config(&folder.0)).await.unwrap();
    let whole = objects::capture(1, 1, 10);
    for cut in [0, 1, 131, 200, whole.len() - 1] {
        let refused = store.keep(incoming(whole[..cut].to_vec())).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{cut}: {refused:?}");
    }
    let mut without = objects::data_set(1, 1, 10);
    without.put_str(tags::STUDY_INSTANCE_UID, dicom_core::VR::UI, "../../etc/passwd");
    let without = objects::written(&without, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    assert!(matches!(store.keep(incoming(without)).await, Err(Error::Refused(_))));
    let mut full = config(&Folder::new("full").0);
    full.store.reserve_bytes = u64::MAX / 2;
    let store = Store::open(&full).await.unwrap();
    assert!(!store.is_ready());
    assert!(matches!(store.keep(incoming(whole)).await, Err(Error::Full(_))));
}

/// Objects that come in side by side lie between each other in a segment; some never end, and leave room with nothing in
/// it.
#[tokio::test]
async fn what_came_in_pieces_is_whole_or_nothing() {
    const STEP: usize = 50_000;
    let folder = Folder::new("pieces");
    let mut config = config(&folder.0);
    config.store.segment_bytes = 16 << 20;
    let store = Store::open(&config).await.unwrap();
    // The first makes the segment; from then on there is room to be had.
    store.keep(incoming(objects::capture(1, 1, 100))).await.unwrap();
    let mut files: Vec<Vec<u8>> =
        (2..12).map(|number| objects::capture(1, number, 400 * number as u16)).collect();
    // One goes on behind its pixels, where its head says that it ends.
    let mut longer = objects::data_set(1, 12, 3000);
    let padding = dicom_core::PrimitiveValue::U8(vec![0; 9000].into());
    longer.put(dicom_core::DataElement::new(dicom_core::Tag(0xFFFC, 0xFFFC), dicom_core::VR::OB, padding));
    files.push(objects::written(&longer, uids::EXPLICIT_VR_LITTLE_ENDIAN));
    let is_left = |index: usize| index % 3 == 2;
    let mut coming: Vec<_> = files.iter().map(|_| (Vec::new(), store.early())).collect();
    for from in (0..2_000_000).step_by(STEP) {
        for (index, ((bytes, early), file)) in coming.iter_mut().zip(&files).enumerate() {
            let end = if is_left(index) { file.len() / 2 } else { file.len() };
            bytes.extend_from_slice(&file[from.min(end)..(from + STEP).min(end)]);
            early.along(bytes).await;
        }
    }
    // The last that began ends first.
    for (index, (bytes, early)) in coming.into_iter().enumerate().rev().filter(|(index, _)| !is_left(*index))
    {
        assert_eq!(bytes, files[index]);
        let kept = store.keep_early(incoming(bytes), early).await.unwrap();
        assert!(matches!(kept, Kept::New(_)), "{kept:?}");
    }
    let ended =
        |instance: &store::InstanceRow| instance.uid.rsplit('.').next().unwrap().parse::<usize>().unwrap();
    let check = async |store: &Store| {
        let mut instances = store.instances(&Query::default()).await.unwrap().rows;
        instances.sort_by_key(ended);
        let numbers: Vec<usize> = instances.iter().map(ended).collect();
        assert_eq!(numbers, [1, 2, 3, 5, 6, 8, 9, 11, 12]);
        for instance in &instances[1..] {
            assert_eq!(store.read(instance).await.unwrap(), files[ended(instance) - 2], "{}", instance.uid);
        }
        instances
    };
    let instances = check(&store).await;
    // They lie in the order in which they began.
    let positions: Vec<i64> = instances.iter().map(|instance| instance.place.position).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    // Without an index, as a crash may leave it: the segment alone gives everything back.
    let crashed = Folder::new("pieces-crashed");
    std::fs::create_dir_all(crashed.0.join("objects")).unwrap();
    for entry in std::fs::read_dir(folder.0.join("objects")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), crashed.0.join("objects").join(entry.file_name())).unwrap();
    }
    let mut alone = config.clone();
    alone.store.data = crashed.0.clone();
    let recovered = Store::open(&alone).await.unwrap();
    check(&recovered).await;
    recovered.close().await;
    store.close().await;
    let again = Store::open(&config).await.unwrap();
    check(&again).await;
}

#[tokio::test]
async fn one_flipped_byte_is_found() {
    let folder = Folder::new("flipped");
    let config = config(&folder.0);
    let store = Store::open(&config).await.unwrap();
    let object = objects::capture(1, 1, 100);
    store.keep(incoming(object.clone())).await.unwrap();
    let instance = store.instances(&Query::default()).await.unwrap().rows.remove(0);
    let segment = folder.0.join("objects").join(&instance.place.segment);
    let mut bytes = std::fs::read(&segment).unwrap();
    let at = usize::try_from(instance.place.position + instance.place.length / 2).unwrap();
    bytes[at] ^= 4;
    std::fs::write(&segment, bytes).unwrap();
    assert!(matches!(store.read(&instance).await, Err(Error::Damaged)));
    assert!(store.instances_of(&instance.study).await.unwrap().is_empty());
    // The same object sent again takes its place.
    assert!(matches!(store.keep(incoming(object.clone())).await.unwrap(), Kept::New(_)));
    let instance = store.instances_of(&instance.study).await.unwrap().remove(0);
    assert_eq!(store.read(&instance).await.unwrap(), object);
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_refused() {
    let folder = Folder::new("newer");
    let config = config(&folder.0);
    let store = Store::open(&config).await.unwrap();
    let write = store.database().write();
    sqlx::query("INSERT INTO schema_version (version) VALUES (999)").execute(write).await.unwrap();
    store.close().await;
    assert!(matches!(Store::open(&config).await, Err(Error::Newer { found: 999, .. })));
}

/// The store of the version before, with objects in it, is brought to this version and reads the same.
#[tokio::test]
async fn a_store_of_the_version_before_is_upgraded() {
    let folder = Folder::new("upgraded");
    upgraded(config(&folder.0)).await;
    let server = postgres::Server::start(&folder.0);
    let mut config = config(&Folder::new("upgraded-postgres").0);
    config.store.database = Secret::new(server.url());
    upgraded(config).await;
}

async fn upgraded(config: Config) {
    let store = Store::open(&config).await.unwrap();
    let object = objects::capture(1, 1, 100);
    store.keep(incoming(object.clone())).await.unwrap();
    for statement in [
        "DROP TABLE fetched",
        "DROP INDEX deliveries_by_commitment",
        "ALTER TABLE deliveries DROP COLUMN commitment",
        "ALTER TABLE deliveries DROP COLUMN stated",
        "DROP TABLE fhir_resources",
        "DROP TABLE fhir_identifiers",
        "DROP TABLE reported",
        "ALTER TABLE patient_context DROP COLUMN dates",
        "DROP TABLE message_numbers",
        "DROP TABLE order_numbers",
        "DROP TABLE messages",
        "DROP TABLE orders",
        "DROP TABLE scanners",
        "DROP TABLE quality_scans",
        "DROP TABLE quality_studies",
        "DROP INDEX deliveries_by_state",
        "DROP TABLE comments",
        "DROP TABLE readings",
        "DELETE FROM schema_version WHERE version >= 2",
    ] {
        sqlx::query(statement).execute(store.database().write()).await.unwrap();
    }
    let before = store.instances(&Query::default()).await.unwrap().rows;
    store.close().await;
    let store = Store::open(&config).await.unwrap();
    assert_eq!(store.instances(&Query::default()).await.unwrap().rows, before);
    assert_eq!(store.read(&before[0]).await.unwrap(), object);
    sqlx::query("SELECT commitment FROM deliveries").fetch_all(store.database().read()).await.unwrap();
    assert!(store.messages(None, 1, 0).await.unwrap().rows.is_empty());
    assert!(store.expected(1).await.unwrap().is_empty());
    let study = &before[0].study;
    assert_eq!(store::is_met(store.database(), study).await.unwrap(), None);
    assert!(store.reported(study).await.unwrap().is_empty());
    assert_eq!(store.take_resources("", 1).await.unwrap(), None);
    assert!(matches!(store.keep(incoming(object)).await.unwrap(), Kept::Same(_)));
    store.close().await;
}

/// The same on a PostgreSQL server; `cargo xtask test` installs and the test starts one.
#[tokio::test]
async fn objects_are_kept_once_with_postgres() {
    let folder = Folder::new("postgres");
    let server = postgres::Server::start(&folder.0);
    let mut config = config(&folder.0);
    config.store.database = Secret::new(server.url());
    check_all(config).await;
}

mod postgres;

/// A folder of its own for a test, removed afterwards.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dxa-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
