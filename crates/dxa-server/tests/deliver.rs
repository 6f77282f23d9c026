//! Results reach a record system that fails first, and an archive, and are never sent to one that refuses for good.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dxa_exchange::hl7::{self, Frames, Mapping, RawMessage, framed};
use dxa_server::config::{Config, Deliver, DicomDestination, Hl7Destination};
use dxa_server::deliver::{self, Couriers};
use dxa_server::store::{Document, Incoming, Store, now};
use dxa_server::work::{Analyst, Runner, Workshop, queue};
use sqlx::Row as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn a_result_reaches_a_record_system_that_fails_first_and_an_archive() {
    let archived = std::env::temp_dir().join(format!("dxa-archive-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&archived);
    std::fs::create_dir_all(&archived).unwrap();
    let receiver = Receiver::start(&["close", "commit", "wrong", "AE", "twice"]).await;
    let archive = Archive::start(archived.clone());
    let archive_address = format!("127.0.0.1:{}", archive.port);
    let service = Delivering::start("deliver", |deliver| {
        deliver.hl7 = vec![record_system("emr", &receiver.address)];
        deliver.dicom = vec![dicom("pacs", &archive_address), dicom("nobody", "127.0.0.1:1")];
    })
    .await;
    let study = service.analyze(&["07-hologic-spine.dcm"]).await.remove(0);
    let store = &service.store;

    let rows = settled(store, &["emr", "pacs"]).await;
    assert_eq!(rows["emr"], ("delivered".to_owned(), 5, "AA: taken".to_owned()));
    assert_eq!(rows["pacs"], ("delivered".to_owned(), 1, "status 0000: stored".to_owned()));
    assert!(matches!(rows["nobody"].0.as_str(), "failed" | "sending"), "{:?}", rows["nobody"]);
    assert!(rows["nobody"].1 >= 1 && rows["nobody"].2.starts_with("no connection"), "{:?}", rows["nobody"]);
    let kept = store.document(&study, 1, "hl7", 0, "en").await.unwrap().unwrap();
    {
        let seen = receiver.seen.lock().unwrap();
        assert!(
            seen.messages.iter().all(|message| *message == kept.body),
            "the message changed between tries"
        );
        // Whatever was said of it, the message was one: the receiver can tell by its control id.
        let control = hl7::read(&kept.body).unwrap().control_id;
        assert_eq!(seen.effects.keys().collect::<Vec<_>>(), [&control]);
    }
    let report = store.document(&study, 1, "sr", 0, "en").await.unwrap().unwrap();
    let stored: Vec<PathBuf> =
        std::fs::read_dir(&archived).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [stored] = stored.as_slice() else { panic!("{stored:?}") };
    let read = |bytes: &[u8]| dxa_exchange::sr::read(bytes).unwrap();
    assert_eq!(read(&std::fs::read(stored).unwrap()), read(&report.body));

    service.end().await;
    drop(archive);
    let _ = std::fs::remove_dir_all(&archived);
}

/// A service that delivers, in a folder of its own.
struct Delivering {
    folder: PathBuf,
    store: Store,
    stop: CancellationToken,
    couriers: Couriers,
    runner: Runner,
}

impl Delivering {
    async fn start(name: &str, to: impl FnOnce(&mut Deliver)) -> Self {
        let folder = std::env::temp_dir().join(format!("dxa-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mut config = Config::default();
        config.store.data.clone_from(&folder);
        config.store.segment_bytes = 4 << 20;
        config.store.prepared_segments = 0;
        config.store.reserve_bytes = 0;
        config.work.workers = 1;
        config.deliver.retry_first_seconds = 0.05;
        config.deliver.retry_longest_seconds = 0.2;
        to(&mut config.deliver);
        let store = Store::open(&config).await.unwrap();
        let outbox = deliver::outbox(config.deliver.clone());
        let config = Arc::new(config);
        let stop = CancellationToken::new();
        let couriers = Couriers::start(&store, &config, &stop).unwrap();
        let shop = Workshop { store: store.clone(), config, analyst: Analyst::Thread, outbox };
        let runner = Runner::start(&shop, &stop).unwrap();
        Self { folder, store, stop, couriers, runner }
    }

    async fn analyze(&self, scans: &[&str]) -> Vec<String> {
        let mut studies = Vec::new();
        for scan in scans {
            studies.push(keep(&self.store, scan).await);
        }
        queue::complete(self.store.database(), &studies, now()).await.unwrap();
        studies
    }

    async fn end(self) {
        self.stop.cancel();
        self.runner.ended().await;
        self.couriers.ended().await;
        self.store.close().await;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Row R7: no acknowledgement, AE, AR, an acknowledgement of another message alone and before its own, one that comes
/// byte by byte, one that comes late, two of them, a connection that closes before and after the message was taken.
#[tokio::test(flavor = "multi_thread")]
async fn r7_a_record_system_that_misbehaves_has_every_message_once() {
    let script = &["close", "silent", "commit", "wrong", "AE", "split", "twice", "other", "late"];
    let (receiver, refuser) = (Receiver::start(script).await, Receiver::start(&["AR"; 99]).await);
    let impatient = Hl7Destination { answer_seconds: Some(5.0), ..record_system("emr", &receiver.address) };
    let hl7 =
        vec![impatient, record_system("refuser", &refuser.address), record_system("nobody", "127.0.0.1:1")];
    let service = Delivering::start("r7", |to| to.hl7 = hl7).await;
    let scans = [
        "07-hologic-spine.dcm",
        "07-hologic-right-hip-man.dcm",
        "09-sr-enhanced-hologic.dcm",
        "12-bmd-map-dx.dcm",
    ];
    let studies = service.analyze(&scans).await;
    let begun = Instant::now();
    let rows = loop {
        let text = "SELECT destination, state, attempts, last_answer FROM deliveries ORDER BY destination, created_at";
        let rows = sqlx::query(text).fetch_all(service.store.database().read()).await.unwrap();
        let rows: Vec<(String, String, i64, Option<String>)> = rows
            .iter()
            .map(|row| {
                (row.get("destination"), row.get("state"), row.get("attempts"), row.get("last_answer"))
            })
            .collect();
        let of = |name: &str, state: &str| rows.iter().filter(|row| row.0 == name && row.1 == state).count();
        if of("emr", "delivered") == 4 && of("refuser", "dead") == 4 {
            break rows;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "{rows:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let refused = Some("AR: the receiver refused".to_owned());
    assert!(rows.iter().all(|row| row.0 != "refuser" || (row.2 == 5 && row.3 == refused)), "{rows:?}");
    // Nobody listens there: all of it still waits for its time.
    let waits = |state: &str| matches!(state, "failed" | "sending");
    assert!(rows.iter().all(|row| row.0 != "nobody" || waits(&row.1)), "{rows:?}");
    let mut messages = std::collections::BTreeSet::new();
    for study in &studies {
        let kept = service.store.document(study, 1, "hl7", 0, "en").await.unwrap().unwrap();
        messages.insert(kept.body);
    }
    {
        let seen = receiver.seen.lock().unwrap();
        let sent: std::collections::BTreeSet<Vec<u8>> = seen.messages.iter().cloned().collect();
        assert_eq!(sent, messages, "something was lost, or changed between tries");
        assert_eq!(seen.effects.len(), 4, "one control id for each message, whatever was said of it");
        // Five steps of the script that were no acknowledgement, and four that were: none was sent after that.
        assert_eq!(seen.messages.len(), 9, "{:?}", seen.effects);
        assert_eq!(seen.most, 1, "one message in flight");
    }
    service.end().await;
}

/// Row R7: what waited while nobody listened goes out once, when somebody does.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_comes_back_has_everything_once() {
    let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = reserved.local_addr().unwrap().to_string();
    drop(reserved);
    let service = Delivering::start("back", |to| to.hl7 = vec![record_system("emr", &address)]).await;
    let scans = ["07-hologic-spine.dcm", "07-hologic-right-hip-man.dcm", "09-sr-enhanced-hologic.dcm"];
    service.analyze(&scans).await;
    let count = async |state: &str| -> i64 {
        let text = "SELECT COUNT(*) AS n FROM deliveries WHERE state = $1 AND attempts > 0";
        let database = service.store.database();
        sqlx::query(text).bind(state.to_owned()).fetch_one(database.read()).await.unwrap().get("n")
    };
    let begun = Instant::now();
    while count("failed").await + count("sending").await < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let receiver = Receiver::listening(TcpListener::bind(&address).await.unwrap(), &[]);
    while count("delivered").await < 3 {
        assert!(begun.elapsed() < Duration::from_secs(90));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    {
        let seen = receiver.seen.lock().unwrap();
        assert_eq!((seen.messages.len(), seen.effects.len(), seen.most), (3, 3, 1));
    }
    service.end().await;
}

/// Each record system has its own mapping, and one without has the default.
#[tokio::test(flavor = "multi_thread")]
async fn every_record_system_gets_messages_as_it_wants_them() {
    let (plain, old, chinese) =
        (Receiver::start(&[]).await, Receiver::start(&[]).await, Receiver::start(&[]).await);
    let wanting = |name: &str, address: &str, mapping: &str| Hl7Destination {
        wishes: Some(Box::new(Mapping::from_toml(mapping).unwrap())),
        ..record_system(name, address)
    };
    let old_one = "version = \"2.3.1\"\ndrop_segments = [\"PV1\"]\nextra_segments = [\"ZDX|1|own\"]";
    let gb = "encoding = \"gb18030\"\nlanguage = \"zh-CN\"\n[[rename]]\nfrom = \"BMD\"\n\
              to = { code = \"GMD\", text = \"骨密度\", system = \"L\" }";
    let hl7 = vec![
        wanting("chinese", &chinese.address, gb),
        record_system("plain", &plain.address),
        wanting("old", &old.address, old_one),
    ];
    let service = Delivering::start("mappings", |to| to.hl7 = hl7).await;
    let study = service.analyze(&["07-hologic-spine.dcm"]).await.remove(0);
    settled(&service.store, &["chinese", "plain", "old"]).await;
    let message = |receiver: &Receiver| {
        let seen = receiver.seen.lock().unwrap();
        assert_eq!(seen.messages.len(), 1);
        seen.messages[0].clone()
    };
    let header =
        |bytes: &[u8], number: usize| RawMessage::parse(bytes).unwrap().field("MSH", number).component(1);
    let (plain, old, chinese) = (message(&plain), message(&old), message(&chinese));
    assert_eq!([header(&plain, 12), header(&old, 12), header(&chinese, 12)], ["2.5.1", "2.3.1", "2.5.1"]);
    assert_eq!(header(&chinese, 18), "GB 18030-2000");
    let has = |bytes: &[u8], part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
    assert!(has(&plain, "\rPV1|") && !has(&old, "\rPV1|") && has(&old, "\rZDX|1|own\r"));
    assert!(has(&chinese, "|GMD^") && !has(&plain, "GMD"));
    let densities = |bytes: &[u8]| {
        let groups = hl7::read(bytes).unwrap().groups;
        groups.iter().map(|group| group.statements.len()).sum::<usize>()
    };
    assert_eq!(densities(&chinese), densities(&plain));
    let kept = service.store.document(&study, 1, "hl7", 0, "en").await.unwrap().unwrap();
    assert_eq!(kept.body, plain);
    service.end().await;
}

/// A newer version that says less takes back what the receiver has of the one before.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_no_longer_says_is_taken_back() {
    let receiver = Receiver::start(&[]).await;
    let wanted = Deliver { hl7: vec![record_system("emr", &receiver.address)], ..Deliver::default() };
    let to = wanted.clone();
    let service = Delivering::start("taken-back", |deliver| deliver.hl7 = to.hl7).await;
    let study = service.analyze(&["07-hologic-spine.dcm"]).await.remove(0);
    settled(&service.store, &["emr"]).await;
    let first = service.store.document(&study, 1, "hl7", 0, "en").await.unwrap().unwrap();
    let text = String::from_utf8(first.body.clone()).unwrap();
    let results: Vec<&str> = text.split('\r').filter(|segment| segment.starts_with("OBX|")).collect();
    let gone = *results.iter().find(|result| result.contains("T-SCORE")).unwrap();
    let less =
        text.replace(&format!("{gone}\r"), "").replace(&hl7::read(&first.body).unwrap().control_id, "2");
    let second = Document { version: 2, body: less.clone().into_bytes(), ..first };
    let mut connection = service.store.database().begin().await.unwrap();
    Store::put_document(&mut connection, &second).await.unwrap();
    deliver::enqueue(&mut connection, &wanted, &study, 2).await.unwrap();
    connection.commit().await.unwrap();
    let begun = Instant::now();
    while receiver.seen.lock().unwrap().messages.len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sent = String::from_utf8(receiver.seen.lock().unwrap().messages[1].clone()).unwrap();
    let said: Vec<&str> = sent.split('\r').filter(|segment| segment.starts_with("OBX|")).collect();
    assert_eq!(said.len(), results.len());
    let fields = |segment: &str| segment.split('|').map(str::to_owned).collect::<Vec<_>>();
    let (taken, gone) = (fields(said[said.len() - 1]), fields(gone));
    assert_eq!((&taken[3], &taken[4]), (&gone[3], &gone[4]));
    assert_eq!((taken[5].as_str(), taken[11].as_str()), ("", "D"));
    let rows = settled(&service.store, &["emr"]).await;
    assert!(rows["emr"].2.ends_with("1 earlier results taken back"), "{:?}", rows["emr"]);
    service.end().await;
}

fn dicom(name: &str, address: &str) -> DicomDestination {
    DicomDestination {
        name: name.to_owned(),
        ae_title: "PACS".to_owned(),
        address: address.to_owned(),
        send: vec!["sr".to_owned()],
        tls: None,
        commitment: false,
    }
}

fn record_system(name: &str, address: &str) -> Hl7Destination {
    Hl7Destination { name: name.to_owned(), address: address.to_owned(), ..Hl7Destination::default() }
}

async fn keep(store: &Store, scan: &str) -> String {
    let scan = format!("{}/../../test-scans/{scan}", env!("CARGO_MANIFEST_DIR"));
    let incoming = Incoming {
        bytes: std::fs::read(scan).unwrap(),
        source: "TEST".to_owned(),
        announced: None,
        study: None,
    };
    store.keep(incoming).await.unwrap().identity().study.clone()
}

/// State, attempts and last answer by destination, once these are delivered.
async fn settled(store: &Store, wanted: &[&str]) -> BTreeMap<String, (String, i64, String)> {
    let begun = Instant::now();
    loop {
        let rows = sqlx::query("SELECT destination, state, attempts, last_answer FROM deliveries")
            .fetch_all(store.database().read())
            .await
            .unwrap();
        let rows: BTreeMap<String, (String, i64, String)> = rows
            .iter()
            .map(|row| {
                let answer: Option<String> = row.get("last_answer");
                (row.get("destination"), (row.get("state"), row.get("attempts"), answer.unwrap_or_default()))
            })
            .collect();
        if wanted
            .iter()
            .all(|name| rows.get(*name).is_some_and(|row| row.0 == "delivered" || row.0 == "dead"))
        {
            return rows;
        }
        assert!(begun.elapsed() < Duration::from_secs(90), "{rows:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// DCMTK's archive.
struct Archive {
    process: Child,
    port: u16,
}

impl Archive {
    fn start(folder: PathBuf) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("storescp")
            .args(["--output-directory", folder.to_str().unwrap(), &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("DCMTK's storescp, which the test command installs");
        Self { process, port }
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An MLLP receiver that follows a script, and then answers as it should.
struct Receiver {
    address: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    messages: Vec<Vec<u8>>,
    effects: BTreeMap<String, usize>,
    /// Messages that were there at once, before the first of them was answered.
    most: usize,
}

impl Receiver {
    async fn start(script: &'static [&'static str]) -> Self {
        Self::listening(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    fn listening(listener: TcpListener, script: &'static [&'static str]) -> Self {
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut steps = script.iter().copied();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut frames = Frames::default();
                let mut bytes = [0u8; 65_536];
                'line: while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    frames.extend(&bytes[..count]);
                    let whole: Vec<Vec<u8>> = std::iter::from_fn(|| frames.next(64 << 20).unwrap()).collect();
                    for message in whole.iter().cloned() {
                        let step = steps.next().unwrap_or("AA");
                        let parsed = RawMessage::parse(&message).unwrap();
                        let control = parsed.field("MSH", 10).component(1);
                        {
                            let mut seen = shared.lock().unwrap();
                            seen.messages.push(message);
                            seen.most = seen.most.max(whole.len());
                            if !["close", "AE", "AR"].contains(&step) {
                                *seen.effects.entry(control.clone()).or_insert(0) += 1;
                            }
                        }
                        let answer = |code: &str, of: &str| {
                            framed(
                                format!("MSH|^~\\&|EMR||DXA||20240517||ACK|1|P|2.5.1\rMSA|{code}|{of}\r")
                                    .as_bytes(),
                            )
                        };
                        match step {
                            "close" | "commit" => break 'line,
                            "wrong" => {
                                stream.write_all(&answer("AA", "nobody")).await.unwrap();
                                break 'line;
                            }
                            "silent" => {}
                            "AE" | "AR" => stream.write_all(&answer(step, &control)).await.unwrap(),
                            "split" => {
                                for byte in answer("AA", &control) {
                                    stream.write_all(&[byte]).await.unwrap();
                                    stream.flush().await.unwrap();
                                    tokio::time::sleep(Duration::from_millis(2)).await;
                                }
                            }
                            "other" => {
                                stream.write_all(&answer("AR", "nobody")).await.unwrap();
                                stream.write_all(&answer("AA", &control)).await.unwrap();
                            }
                            "late" => {
                                tokio::time::sleep(Duration::from_secs(2)).await;
                                stream.write_all(&answer("AA", &control)).await.unwrap();
                            }
                            "twice" => stream.write_all(&answer("AA", &control).repeat(2)).await.unwrap(),
                            _ => stream.write_all(&answer("AA", &control)).await.unwrap(),
                        }
                    }
                }
            }
        });
        Self { address, seen }
    }
}
