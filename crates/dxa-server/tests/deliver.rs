//! Results reach a record system that fails first, and an archive, and are never sent to one that refuses for good.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dxa_exchange::hl7::{self, Frames, framed};
use dxa_server::config::{Config, DicomDestination, Hl7Destination};
use dxa_server::deliver::{self, Couriers};
use dxa_server::store::{Incoming, Store, now};
use dxa_server::work::{Analyst, Runner, Workshop, queue};
use sqlx::Row as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn a_result_reaches_a_record_system_that_fails_first_and_an_archive() {
    let folder = std::env::temp_dir().join(format!("dxa-deliver-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("archive")).unwrap();
    let receiver = Receiver::start(&["close", "commit", "wrong", "AE", "twice"]).await;
    let archive = Archive::start(folder.join("archive"));
    let mut config = Config::default();
    config.store.data.clone_from(&folder);
    config.store.segment_bytes = 4 << 20;
    config.store.prepared_segments = 0;
    config.store.reserve_bytes = 0;
    config.work.workers = 1;
    config.deliver.retry_first_seconds = 0.05;
    config.deliver.retry_longest_seconds = 0.2;
    config.deliver.hl7 =
        vec![Hl7Destination { name: "emr".to_owned(), address: receiver.address.clone(), tls: None }];
    let archive_address = format!("127.0.0.1:{}", archive.port);
    config.deliver.dicom = vec![dicom("pacs", &archive_address), dicom("nobody", "127.0.0.1:1")];
    let store = Store::open(&config).await.unwrap();
    let outbox = deliver::outbox(config.deliver.clone());
    let config = Arc::new(config);
    let stop = CancellationToken::new();
    let couriers = Couriers::start(&store, &config, &stop).unwrap();
    let shop = Workshop { store: store.clone(), config, analyst: Analyst::Thread, outbox };
    let runner = Runner::start(&shop, &stop).unwrap();
    let study = keep(&store).await;
    queue::complete(store.database(), std::slice::from_ref(&study), now()).await.unwrap();

    let rows = settled(&store, &["emr", "pacs"]).await;
    assert_eq!(rows["emr"], ("delivered".to_owned(), 5, "AA: taken".to_owned()));
    assert_eq!(rows["pacs"], ("delivered".to_owned(), 1, "status 0000: stored".to_owned()));
    assert_eq!(rows["nobody"].0, "failed");
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
        std::fs::read_dir(folder.join("archive")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [stored] = stored.as_slice() else { panic!("{stored:?}") };
    let read = |bytes: &[u8]| dxa_exchange::sr::read(bytes).unwrap();
    assert_eq!(read(&std::fs::read(stored).unwrap()), read(&report.body));

    stop.cancel();
    runner.ended().await;
    couriers.ended().await;
    store.close().await;
    drop(archive);
    let _ = std::fs::remove_dir_all(&folder);
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

async fn keep(store: &Store) -> String {
    let scan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-scans/07-hologic-spine.dcm");
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
}

impl Receiver {
    async fn start(script: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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
                    while let Some(message) = frames.next(64 << 20).unwrap() {
                        let step = steps.next().unwrap_or("AA");
                        let control = hl7::read(&message).unwrap().control_id;
                        {
                            let mut seen = shared.lock().unwrap();
                            seen.messages.push(message);
                            if !["close", "AE"].contains(&step) {
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
                            "AE" => stream.write_all(&answer("AE", &control)).await.unwrap(),
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
