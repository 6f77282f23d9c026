//! What was acknowledged survives: processes killed at random moments, power losses, disks that fail.
//!
//! `DXA_CRASH_ROUNDS` sets the number of kills; `cargo xtask endure` runs many.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod disk;
mod objects;
mod service;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dxa_server::config::Config;
use dxa_server::ingest::Listener;
use dxa_server::store::{Query, Store};
use service::Sender;
use tokio_util::sync::CancellationToken;

/// Not a test: the service as a process of its own, when a test starts it as one.
#[test]
fn process() {
    let Ok(folder) = std::env::var("DXA_CRASH_FOLDER") else { return };
    let folder = PathBuf::from(folder);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let config = config(&folder);
        let store = Store::open(&config).await.unwrap();
        let listener = Listener::bind(&config, store, Arc::new(|_| {})).await.unwrap();
        let address = listener.address().unwrap().to_string();
        std::fs::write(folder.with_extension("tmp"), address).unwrap();
        std::fs::rename(folder.with_extension("tmp"), folder.with_extension("address")).unwrap();
        listener.run(CancellationToken::new()).await;
    });
}

#[test]
fn killed_at_random_moments_it_loses_nothing() {
    let rounds = std::env::var("DXA_CRASH_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let place = Place::new("killed");
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    for round in 0..rounds {
        let running = place.start(&[]);
        let senders = send(running.address, round, &acknowledged);
        // Spread without chance, so that a failure can be run again: 20 to 420 ms.
        std::thread::sleep(Duration::from_millis(20 + (u64::from(round) * 137) % 400));
        running.kill();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
    place.check(&acknowledged, 5 * rounds as usize);
}

#[test]
fn a_power_loss_takes_nothing_that_was_acknowledged() {
    let place = Place::new("power");
    let library = disk::library(&place.0);
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    for round in 0..4 {
        let shadow = place.shadow_of_now();
        let variables = faults(&library, &place.store(), &shadow);
        let running = place.start(&variables);
        let senders = send(running.address, round, &acknowledged);
        std::thread::sleep(Duration::from_millis(600 + u64::from(round) * 211));
        running.kill();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        disk::lose_power(&place.store(), &shadow);
        place.check(&acknowledged, 1);
    }
}

#[test]
fn a_sync_that_fails_is_never_acknowledged() {
    let place = Place::new("sync");
    let library = disk::library(&place.0);
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    let shadow = place.shadow_of_now();
    let mut variables = faults(&library, &place.store(), &shadow);
    // One sync makes the segment, the others are of records.
    variables.push(("DISK_FAIL_SYNC".into(), "5".into()));
    let running = place.start(&variables);
    let senders = send(running.address, 0, &acknowledged);
    std::thread::sleep(Duration::from_millis(1200));
    running.kill();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    disk::lose_power(&place.store(), &shadow);
    place.check(&acknowledged, 10);
}

#[test]
fn a_full_disk_is_said_so_and_work_goes_on_when_there_is_space() {
    let place = Place::new("full");
    let library = disk::library(&place.0);
    let shadow = place.shadow_of_now();
    let mut variables = faults(&library, &place.store(), &shadow);
    variables.push(("DISK_FULL".into(), "8,12".into()));
    let running = place.start(&variables);
    let mut sender = Sender::connect(running.address, "SCANNER").unwrap();
    let statuses: Vec<u16> = (1..20).map(|number| sender.store(&objects::capture(1, number, 100))).collect();
    running.kill();
    assert!(statuses.contains(&0xA700), "{statuses:04X?}");
    assert_eq!((statuses[0], statuses[18]), (0, 0), "{statuses:04X?}");
    assert!(statuses.iter().all(|status| [0, 0xA700].contains(status)), "{statuses:04X?}");
    disk::lose_power(&place.store(), &shadow);
    let acknowledged = (1u32..20).zip(statuses).filter(|(_, status)| *status == 0);
    let acknowledged = acknowledged.map(|(number, _)| {
        let object = objects::capture(1, number, 100);
        (format!("1.2.826.0.1.3680043.9.7.1.{number}"), service::data_set(&object).to_vec())
    });
    place.check(&Arc::new(Mutex::new(acknowledged.collect())), 10);
}

/// SOP Instance UIDs that were acknowledged, and their data sets.
type Acknowledged = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Four senders that send until the service is gone.
fn send(address: SocketAddr, round: u32, acknowledged: &Acknowledged) -> Vec<std::thread::JoinHandle<()>> {
    let sender = |index: u32| {
        let acknowledged = Arc::clone(acknowledged);
        std::thread::spawn(move || {
            // The panic of a sender whose service was killed is expected.
            let _ = std::panic::catch_unwind(|| {
                let study = 100 * round + index + 1;
                let mut sender = Sender::connect(address, "SCANNER").unwrap();
                for number in 1..10_000 {
                    let object =
                        objects::capture(study, number, 200 + u16::try_from(number % 7).unwrap() * 300);
                    if sender.store(&object) == 0 {
                        let uid = format!("1.2.826.0.1.3680043.9.7.{study}.{number}");
                        acknowledged.lock().unwrap().insert(uid, service::data_set(&object).to_vec());
                    }
                }
            });
        })
    };
    (0..4).map(sender).collect()
}

fn faults(library: &Path, root: &Path, shadow: &Path) -> Vec<(String, PathBuf)> {
    let variable = |name: &str, value: &Path| (name.to_owned(), value.to_owned());
    vec![variable("LD_PRELOAD", library), variable("DISK_ROOT", root), variable("DISK_SHADOW", shadow)]
}

fn config(folder: &Path) -> Config {
    let mut config = Config::default();
    config.store.data = folder.to_owned();
    config.store.segment_bytes = 2 << 20;
    config.store.prepared_segments = 0;
    config.store.reserve_bytes = 0;
    config.dimse.listen.set_port(0);
    config
}

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("dxa-crash-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join("store/objects")).unwrap();
        Self(path)
    }

    fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    fn start(&self, variables: &[(String, PathBuf)]) -> Running {
        let address = self.store().with_extension("address");
        let _ = std::fs::remove_file(&address);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["process", "--exact"])
            .env("DXA_CRASH_FOLDER", self.store())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !address.exists() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the service does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        let address = std::fs::read_to_string(address).unwrap().parse().unwrap();
        Running { child, address }
    }

    /// What was on the disk before counts as synced.
    fn shadow_of_now(&self) -> PathBuf {
        use std::os::unix::fs::MetadataExt as _;
        let shadow = disk::shadow(&self.0);
        for folder in [self.store(), self.store().join("objects")] {
            let mut names = String::new();
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let inode = path.metadata().unwrap().ino();
                    let name = path.file_name().unwrap().to_str().unwrap();
                    names += &format!("{}\t{name}\t{inode}\n", folder.display());
                    std::fs::copy(&path, shadow.join("data").join(inode.to_string())).unwrap();
                }
            }
            let inode = folder.metadata().unwrap().ino();
            std::fs::write(shadow.join("names").join(inode.to_string()), names).unwrap();
        }
        shadow
    }

    /// Every acknowledged object is there, bit for bit, once.
    fn check(&self, acknowledged: &Acknowledged, at_least: usize) {
        let acknowledged = acknowledged.lock().unwrap();
        assert!(acknowledged.len() >= at_least, "only {} objects were acknowledged", acknowledged.len());
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let begun = Instant::now();
            let store = Store::open(&config(&self.store())).await.unwrap();
            assert!(begun.elapsed() < Duration::from_secs(2), "recovery took {:?}", begun.elapsed());
            for (uid, data_set) in &*acknowledged {
                let query = Query { instances: vec![uid.clone()], ..Query::default() };
                let rows = store.instances(&query).await.unwrap().rows;
                assert_eq!(rows.len(), 1, "{uid}");
                let kept = store.read(&rows[0]).await.unwrap();
                assert!(service::data_set(&kept) == data_set.as_slice(), "{uid} is not what was sent");
            }
            store.close().await;
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn kill(mut self) {
        // SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
