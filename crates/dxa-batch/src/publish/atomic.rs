//! A file that gets its name when it is whole.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Written;
use crate::identities::hexadecimal;

/// A file under another name until it is published; dropped before, it leaves nothing.
#[derive(Debug)]
pub(super) struct Draft {
    file: BufWriter<File>,
    name: String,
    part: PathBuf,
    published: bool,
}

impl Draft {
    /// An empty draft.
    pub(super) fn new(folder: &Path, name: &str) -> io::Result<Self> {
        let part = folder.join(format!(".{name}.part"));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&part)?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 17, file),
            name: name.to_owned(),
            part,
            published: false,
        })
    }

    /// What is in it.
    pub(super) fn written(&mut self, rows: u64) -> io::Result<Written> {
        self.file.flush()?;
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 17];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
        Ok(Written { file: self.name.clone(), rows, sha256: hexadecimal(&hash.finalize()) })
    }

    /// Makes it durable and gives it its name.
    pub(super) fn publish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(&self.part, self.part.with_file_name(&self.name))?;
        self.published = true;
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // Nothing is lost when it stays.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}
