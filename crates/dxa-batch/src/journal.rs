//! The journal of a run: one line a study as soon as it is finished, so that any stop loses the studies in hand at most.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write as _};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::record::Record;

/// What makes two runs comparable, line by line: the first line of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Name and version of the form of journals.
    pub schema: String,
    /// Name and version of the software.
    pub software: String,
    /// Profile of rules and tables.
    pub profile: String,
    /// SHA-256 of everything that can change a number.
    pub protocol_sha256: String,
    /// Reference tables and their SHA-256.
    pub reference_tables: Vec<(String, String)>,
    /// Tables that were asked for by name.
    pub references: Vec<String>,
    /// Which studies are wanted; empty for all.
    pub cohort: String,
    /// Says which key pseudonyms are under; `None` where nobody is hidden.
    pub deidentified: Option<String>,
    /// Which part of the studies it is.
    pub shard: String,
}

/// Form of journals and tables.
pub const SCHEMA: &str = "dxa.batch/1";

/// Name of the journal in the folder of a run.
pub(crate) const FILE: &str = "journal.jsonl";

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    synced: Instant,
}

/// Studies that a journal has already: key, and digest of the files.
pub(crate) type Finished = HashMap<u128, u128>;

impl Journal {
    /// A new journal, which must not be there yet.
    pub(crate) fn create(path: &Path, head: &Head) -> io::Result<Self> {
        let mut file = OpenOptions::new().append(true).create_new(true).open(path)?;
        file.write_all(&line(head)?)?;
        file.sync_all()?;
        Ok(Self { file, synced: Instant::now() })
    }

    /// Opens the journal of an earlier run to go on with it; what a stop left of its last line is cut off.
    pub(crate) fn resume(path: &Path) -> io::Result<(Self, Finished)> {
        let mut finished = Finished::new();
        let mut whole = 0;
        for entry in Lines::open(path)? {
            let Ok((at, line)) = entry else { break };
            if at > 0 {
                let Ok(brief) = serde_json::from_slice::<Brief>(&line) else { break };
                finished.insert(number(&brief.key), number(&brief.objects));
            }
            whole = at + line.len() as u64 + 1;
        }
        let file = OpenOptions::new().append(true).open(path)?;
        file.set_len(whole)?;
        Ok((Self { file, synced: Instant::now() }, finished))
    }

    /// Keeps a record.
    pub(crate) fn put(&mut self, record: &[u8]) -> io::Result<()> {
        let mut line = Vec::with_capacity(record.len() + 1);
        line.extend_from_slice(record);
        line.push(b'\n');
        self.file.write_all(&line)?;
        if self.synced.elapsed() > BETWEEN_SYNCS {
            self.file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }
}

/// A process that ends loses nothing that was written; a machine that ends loses this much.
const BETWEEN_SYNCS: Duration = Duration::from_secs(2);

/// The head of a journal.
pub(crate) fn head(path: &Path) -> io::Result<Head> {
    let mut line = Vec::new();
    BufReader::new(File::open(path)?).read_until(b'\n', &mut line)?;
    Ok(serde_json::from_slice(&line)?)
}

/// A value as one line.
pub(crate) fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// The key or digest in a record as a number, which takes less room.
pub(crate) fn number(hexadecimal: &str) -> u128 {
    u128::from_str_radix(hexadecimal, 16).unwrap_or_default()
}

/// What a line says without its rows.
#[derive(Deserialize)]
struct Brief {
    key: String,
    #[serde(default)]
    order: String,
    objects: String,
}

/// The lines of a journal with where each begins, without their ends; the last one only when it is whole.
struct Lines {
    input: BufReader<File>,
    at: u64,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { input: BufReader::with_capacity(1 << 18, File::open(path)?), at: 0 })
    }
}

impl Iterator for Lines {
    type Item = io::Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        match self.input.read_until(b'\n', &mut line) {
            Ok(read) if line.last() == Some(&b'\n') => {
                line.pop();
                let at = self.at;
                self.at += read as u64;
                Some(Ok((at, line)))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// The records of a journal in their order, the last of each key.
pub(crate) struct Sorted {
    file: File,
    places: std::vec::IntoIter<(String, u64, usize)>,
}

impl Sorted {
    /// Sorts the records that are wanted.
    ///
    /// What is in memory is the order and place of each, about a hundred bytes a study.
    pub(crate) fn of(path: &Path, wanted: impl Fn(u128) -> bool) -> io::Result<Self> {
        let mut latest: HashMap<u128, (String, u64, usize)> = HashMap::new();
        for entry in Lines::open(path)?.skip(1) {
            let (at, line) = entry?;
            let brief: Brief = serde_json::from_slice(&line)?;
            let key = number(&brief.key);
            if wanted(key) {
                latest.insert(key, (brief.order, at, line.len()));
            }
        }
        let mut places: Vec<_> = latest.into_values().collect();
        places.sort_unstable();
        Ok(Self { file: File::open(path)?, places: places.into_iter() })
    }
}

impl Iterator for Sorted {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, at, length) = self.places.next()?;
        let mut line = vec![0; length];
        let read = self.file.read_exact_at(&mut line, at);
        Some(read.and_then(|()| Ok(serde_json::from_slice(&line)?)))
    }
}

/// The records of the journal of a finished run, which stand there in their order.
pub(crate) fn records(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Record>> + use<>> {
    let lines = Lines::open(path)?.skip(1);
    Ok(lines.map(|entry| entry.and_then(|(_, line)| Ok(serde_json::from_slice(&line)?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, order: &str, objects: &str) -> Record {
        let text = str::to_owned;
        Record { key: text(key), order: text(order), objects: text(objects), ..Record::default() }
    }

    #[test]
    fn a_torn_line_is_cut_off_and_the_last_record_of_a_key_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let head = Head { schema: SCHEMA.to_owned(), ..Head::default() };
        let mut journal = Journal::create(&path, &head).unwrap();
        for record in [record("0b", "2", "01"), record("0a", "1", "01"), record("0b", "3", "02")] {
            journal.put(&serde_json::to_vec(&record).unwrap()).unwrap();
        }
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [whole.as_slice(), b"{\"key\":\"0c\",\"obj"].concat()).unwrap();
        let (mut journal, finished) = Journal::resume(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
        assert_eq!((finished.len(), finished[&11]), (2, 2));
        journal.put(&serde_json::to_vec(&record("0d", "0", "01")).unwrap()).unwrap();
        let orders: Vec<String> =
            Sorted::of(&path, |key| key != 10).unwrap().map(|record| record.unwrap().order).collect();
        assert_eq!(orders, ["0", "3"]);
        assert_eq!(super::head(&path).unwrap(), head);
        assert!(Journal::create(&path, &head).is_err());
    }

    #[test]
    fn a_damaged_line_in_the_middle_ends_what_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut journal = Journal::create(&path, &Head::default()).unwrap();
        journal.put(&serde_json::to_vec(&record("0a", "1", "01")).unwrap()).unwrap();
        journal.put(b"\0\0\0\0").unwrap();
        journal.put(&serde_json::to_vec(&record("0b", "1", "01")).unwrap()).unwrap();
        let (_, finished) = Journal::resume(&path).unwrap();
        assert_eq!(finished.keys().collect::<Vec<_>>(), [&10]);
    }
}
