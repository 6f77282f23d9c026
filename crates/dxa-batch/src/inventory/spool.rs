//! What waits on disk without a name: gone with the process, and no copy of anybody's identifiers stays.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::path::Path;

use super::header::Entry;
use crate::source::{Location, Part};

/// Entries in the order they came.
pub(super) struct Spool {
    file: BufWriter<File>,
    entries: usize,
}

impl Spool {
    /// An empty spool in a folder.
    pub(super) fn new_in(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(1 << 16, tempfile::tempfile_in(folder)?), entries: 0 })
    }

    /// Adds one entry.
    pub(super) fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let Location { path, size, changed, part } = &entry.location;
        put_bytes(&mut self.file, Some(path))?;
        for text in [&entry.study, &entry.patient, &entry.instance, &entry.accession] {
            put_bytes(&mut self.file, text.as_deref().map(str::as_bytes))?;
        }
        let place = part.unwrap_or(Part { archive: NO_ARCHIVE, offset: 0, length: 0, deflated: false });
        let numbers = [
            *size,
            *changed,
            u64::from(place.archive),
            place.offset,
            place.length,
            u64::from(place.deflated),
        ];
        numbers.iter().try_for_each(|number| self.file.write_all(&number.to_le_bytes()))?;
        self.entries += 1;
        Ok(())
    }

    /// Every entry.
    pub(super) fn entries(&mut self) -> io::Result<Vec<Entry>> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        let mut input = BufReader::with_capacity(1 << 16, file);
        let entries: io::Result<Vec<Entry>> = (0..self.entries).map(|_| entry(&mut input)).collect();
        self.file.get_mut().seek(SeekFrom::End(0))?;
        entries
    }
}

/// Stands for a file outside of archives.
const NO_ARCHIVE: u32 = u32::MAX;
/// Length of a value that is not there.
const NONE: u32 = u32::MAX;

fn put_bytes(out: &mut impl Write, bytes: Option<&[u8]>) -> io::Result<()> {
    let length = bytes.map_or(Ok(NONE), |bytes| u32::try_from(bytes.len())).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes.unwrap_or_default())
}

fn entry(input: &mut impl Read) -> io::Result<Entry> {
    let path = bytes(input)?.unwrap_or_default();
    let mut text =
        || Ok::<_, io::Error>(bytes(input)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    let (study, patient, instance, accession) = (text()?, text()?, text()?, text()?);
    let mut number = || {
        let mut bytes = [0; 8];
        input.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    };
    let (size, changed) = (number()?, number()?);
    let archive = u32::try_from(number()?).map_err(io::Error::other)?;
    let part = Part { archive, offset: number()?, length: number()?, deflated: number()? != 0 };
    let part = (archive != NO_ARCHIVE).then_some(part);
    Ok(Entry { location: Location { path, size, changed, part }, study, patient, instance, accession })
}

fn bytes(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length == NONE {
        return Ok(None);
    }
    let mut bytes = vec![0; length as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were_and_more_can_follow() {
        let mut spool = Spool::new_in(&std::env::temp_dir()).unwrap();
        let part = Part { archive: 3, offset: 512, length: 9, deflated: true };
        let location = |part| Location { path: "王 1/\u{fffd}.dcm".into(), size: 7, changed: 9, part };
        let entry = |part| Entry {
            location: location(part),
            study: Some("1.2".into()),
            patient: Some("王".into()),
            instance: None,
            accession: Some(String::new()),
        };
        spool.put(&entry(None)).unwrap();
        assert_eq!(spool.entries().unwrap(), [entry(None)]);
        spool.put(&entry(Some(part))).unwrap();
        assert_eq!(spool.entries().unwrap(), [entry(None), entry(Some(part))]);
    }
}
