//! The files that the command makes, held in memory until they are written or compared.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Files by path below `reference-data/`.
#[derive(Debug, Default)]
pub(super) struct Outputs(BTreeMap<String, Vec<u8>>);

impl Outputs {
    /// Adds a file.
    pub(super) fn add(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }

    /// How many files.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes all below `folder`.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        for (path, bytes) in &self.0 {
            let target = folder.join(path);
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&target, bytes).with_context(|| format!("cannot write {}", target.display()))?;
        }
        Ok(())
    }

    /// Compares all with what lies below `folder`.
    ///
    /// # Errors
    /// Names every file that is missing or differs, with the first line that does.
    pub(super) fn check(&self, folder: &Path) -> Result<()> {
        let differences: Vec<String> =
            self.0.iter().filter_map(|(path, made)| difference(path, made, folder)).collect();
        if !differences.is_empty() {
            bail!("{} of {} files differ:\n{}", differences.len(), self.len(), differences.join("\n"));
        }
        Ok(())
    }
}

fn difference(path: &str, made: &[u8], folder: &Path) -> Option<String> {
    let Ok(found) = std::fs::read(folder.join(path)) else {
        return Some(format!("{path}: missing"));
    };
    if found == made {
        return None;
    }
    let lines = found.split(|b| *b == b'\n').zip(made.split(|b| *b == b'\n'));
    let line = lines.take_while(|(a, b)| a == b).count() + 1;
    Some(format!("{path}: differs from line {line} on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_passes_the_check_and_one_changed_byte_fails_it() {
        let folder = std::env::temp_dir().join(format!("dxa-outputs-{}", std::process::id()));
        let mut outputs = Outputs::default();
        outputs.add("tables/a.csv", "x\ny\n");
        outputs.write(&folder).unwrap();
        outputs.check(&folder).unwrap();
        std::fs::write(folder.join("tables/a.csv"), "x\nz\n").unwrap();
        let error = outputs.check(&folder).unwrap_err().to_string();
        assert!(error.contains("tables/a.csv: differs from line 2 on"), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(outputs.check(&folder).unwrap_err().to_string().contains("missing"));
    }
}
