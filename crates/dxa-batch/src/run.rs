//! A run from its source to its tables.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dxa_core::protocol::Protocol;

use crate::cohort::Cohort;
use crate::error::BatchError;
use crate::identities::Identities;
use crate::inventory::{self, Files, Inventory, Shard};
use crate::journal::{self, Finished, Head, Journal, SCHEMA, Sorted, number};
use crate::leak::Known;
use crate::publish::{self, Format, Summary};
use crate::record::Record;
use crate::source::Source;
use crate::worker::{Hands, Setup, Workers};
use dxa_exchange::tables::Problem;

/// What to do.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Folder of the run.
    pub out: &'a Path,
    /// Formats of the tables.
    pub formats: BTreeSet<Format>,
    /// Which part of the studies.
    pub shard: Shard,
    /// Go on with an earlier run.
    pub resume: bool,
    /// Who works.
    pub workers: Workers,
    /// What workers are told.
    pub setup: Setup,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many headers are read.
    Headers(u64),
    /// So many studies of so many are finished.
    Studies(u64, u64),
    /// Tables are written.
    Tables,
}

/// Reads a source and writes its tables.
///
/// # Errors
/// [`BatchError`].
pub fn run(
    source: &dyn Source,
    options: &Options<'_>,
    protocol: &Protocol<'_>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Summary, BatchError> {
    let cohort =
        Cohort::read(&options.setup.cohort).map_err(|error| BatchError::Refused(error.to_string()))?;
    let identities = options.setup.key.map_or_else(Identities::plain, Identities::keyed);
    let head = head(options, protocol, &cohort, &identities);
    let folder = Folder::open(options.out)?;
    let (journal, finished) = folder.journal(&head, options.resume)?;
    let run = Run { source, options, identities, progress, stop, journal: Mutex::new(journal), finished };
    let pool = inventory::pool(options.workers.jobs).map_err(BatchError::during("threads"))?;
    let seen = |files| progress(Progress::Headers(files));
    let inventory = inventory::take(source, options.out, &pool, options.shard, &seen, stop);
    let mut inventory = inventory.map_err(BatchError::during("reading headers"))?;
    if inventory.files == 0 {
        return Err(BatchError::Nothing);
    }
    let plan = run.studies(&mut inventory)?;
    if stop.load(Ordering::Relaxed) {
        return Err(BatchError::Stopped);
    }
    progress(Progress::Tables);
    let wanted = plan.wanted;
    let path = options.out.join(journal::FILE);
    let records =
        Sorted::of(&path, |key| wanted.contains(&key)).map_err(BatchError::during("sorting records"))?;
    let may_be_seen = |record: &Record| plan.known.check(record);
    publish::publish(options.out, &options.formats, &head, records, &may_be_seen)
        .map_err(BatchError::during("writing tables"))
}

fn head(options: &Options<'_>, protocol: &Protocol<'_>, cohort: &Cohort, identities: &Identities) -> Head {
    let tables =
        protocol.library().iter().map(|table| (table.sidecar.id.clone(), table.sidecar.sha256.clone()));
    Head {
        schema: SCHEMA.to_owned(),
        software: concat!("dxa ", env!("CARGO_PKG_VERSION")).to_owned(),
        profile: protocol.profile().id.clone(),
        protocol_sha256: protocol.sha256().to_owned(),
        reference_tables: tables.collect(),
        references: options.setup.references.clone(),
        cohort: cohort.to_string(),
        deidentified: identities.fingerprint(),
        shard: options.shard.to_string(),
    }
}

/// The folder of a run, which only one process at a time may use.
struct Folder<'a> {
    path: &'a Path,
    _lock: File,
}

impl<'a> Folder<'a> {
    fn open(path: &'a Path) -> Result<Self, BatchError> {
        let refused = |error: io::Error| {
            BatchError::Refused(format!("cannot use the folder {} ({})", path.display(), error.kind()))
        };
        std::fs::create_dir_all(path).map_err(refused)?;
        let lock = File::create(path.join(".lock")).map_err(refused)?;
        lock.try_lock()
            .map_err(|_| BatchError::Refused(format!("another batch is at work in {}", path.display())))?;
        Ok(Self { path, _lock: lock })
    }

    fn journal(&self, head: &Head, resume: bool) -> Result<(Journal, Finished), BatchError> {
        let path = self.path.join(journal::FILE);
        if !path.exists() {
            publish::check_unused(self.path)?;
            let journal =
                Journal::create(&path, head).map_err(BatchError::during("beginning the journal"))?;
            return Ok((journal, Finished::new()));
        }
        if !resume {
            let sentence = format!(
                "{} holds a run already; go on with --resume or name another folder",
                self.path.display()
            );
            return Err(BatchError::Refused(sentence));
        }
        let Ok(earlier) = journal::head(&path) else {
            // A stop before the first line was whole.
            std::fs::remove_file(&path).map_err(BatchError::during("beginning the journal"))?;
            return self.journal(head, resume);
        };
        if let Some(what) = difference(&earlier, head) {
            let sentence = format!("the run in {} has {what}; name another folder", self.path.display());
            return Err(BatchError::Refused(sentence));
        }
        Journal::resume(&path).map_err(BatchError::during("reading the journal"))
    }
}

/// What two runs do not have in common.
pub(crate) fn difference(one: &Head, other: &Head) -> Option<&'static str> {
    let differences = [
        (one.schema != other.schema || one.software != other.software, "another version of the software"),
        (one.profile != other.profile, "another profile"),
        (one.references != other.references, "other tables asked for by name"),
        (one.protocol_sha256 != other.protocol_sha256, "other reference tables or rules"),
        (one.cohort != other.cohort, "another --where"),
        (one.deidentified != other.deidentified, "another key of pseudonyms, or none"),
        (one.shard != other.shard, "another shard"),
    ];
    differences.into_iter().find(|(differs, _)| *differs).map(|(_, what)| what)
}

struct Run<'a> {
    source: &'a dyn Source,
    options: &'a Options<'a>,
    identities: Identities,
    progress: &'a (dyn Fn(Progress) + Sync),
    stop: &'a AtomicBool,
    journal: Mutex<Journal>,
    finished: Finished,
}

/// What the inventory came to.
#[derive(Default)]
struct Plan {
    /// Keys of the studies and files that this run is about.
    wanted: HashSet<u128>,
    /// Identifiers that must not be seen.
    known: Known,
}

impl Run<'_> {
    /// Does every study that is not finished, and keeps a record of each and of each file that gave nothing.
    fn studies(&self, inventory: &mut Inventory) -> Result<Plan, BatchError> {
        let mut plan = Plan { known: Known::new(&self.identities), ..Plan::default() };
        let problems = std::mem::take(&mut inventory.problems);
        self.refuse(problems, &mut plan).map_err(BatchError::during("writing the journal"))?;
        let total = inventory.studies;
        let done = AtomicU64::new(0);
        let queue = Mutex::new(Queue { inventory, part: 0, waiting: Vec::new().into_iter(), plan });
        let hands = Hands {
            workers: &self.options.workers,
            setup: &self.options.setup,
            identities: &self.identities,
            source: self.source,
            stop: self.stop,
        };
        let next = || {
            let mut queue = queue.lock().map_err(|_| thread_failed())?;
            queue.next(self, &done)
        };
        let keep = |record: &[u8]| {
            self.journal.lock().map_err(|_| thread_failed())?.put(record)?;
            self.count(&done, total);
            Ok(())
        };
        hands.work(&next, &keep).map_err(BatchError::during("analyzing studies"))?;
        let queue =
            queue.into_inner().map_err(|_| BatchError::during("analyzing studies")(thread_failed()))?;
        Ok(queue.plan)
    }

    fn count(&self, done: &AtomicU64, total: u64) {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.progress)(Progress::Studies(done, total.max(done)));
    }

    /// Keeps a record of each file that belongs to no study.
    fn refuse(&self, problems: Vec<Problem>, plan: &mut Plan) -> io::Result<()> {
        for problem in problems {
            let key = self.identities.file_key(&problem.path);
            plan.wanted.insert(number(&key));
            let shown = Problem { path: self.identities.path(&problem.path), ..problem };
            let record = serde_json::to_vec(&Record::of_file(key, &shown))?;
            self.journal.lock().map_err(|_| thread_failed())?.put(&record)?;
        }
        Ok(())
    }

    fn is_finished(&self, key: u128, files: &Files) -> bool {
        self.finished.get(&key).is_some_and(|objects| *objects == number(&files.objects()))
    }
}

/// Studies that wait, a part of the inventory at a time.
struct Queue<'a> {
    inventory: &'a mut Inventory,
    part: usize,
    waiting: std::vec::IntoIter<Files>,
    plan: Plan,
}

impl Queue<'_> {
    fn next(&mut self, run: &Run<'_>, done: &AtomicU64) -> io::Result<Option<Files>> {
        loop {
            for files in self.waiting.by_ref() {
                let first = files.locations.first().map(crate::source::Location::shown).unwrap_or_default();
                let key = run.identities.study_key(files.study.as_deref(), files.patient.as_deref(), &first);
                let key = number(&key);
                self.plan.wanted.insert(key);
                self.plan.known.add(&files.identifiers);
                if !run.is_finished(key, &files) {
                    return Ok(Some(files));
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            if self.part == self.inventory.parts() {
                return Ok(None);
            }
            let planned = self.inventory.part(self.part, run.options.shard)?;
            self.part += 1;
            run.refuse(planned.problems, &mut self.plan)?;
            self.waiting = planned.studies.into_iter();
        }
    }
}

fn thread_failed() -> io::Error {
    io::Error::other("a thread of the batch failed")
}
