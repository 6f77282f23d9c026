//! The last look before anything is published: no identifier of anybody is in anything written.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::io;

use crate::identities::Identities;
use crate::record::Record;
use dxa_exchange::tables::TABLES;
use dxa_exchange::tables::column::Kind;

/// Digests of every identifier that the headers of a source name; empty where nobody is hidden.
#[derive(Default)]
pub(crate) struct Known {
    words: HashSet<u64>,
    hidden: bool,
}

impl Known {
    pub(crate) fn new(identities: &Identities) -> Self {
        Self { words: HashSet::new(), hidden: identities.are_hidden() }
    }

    /// Takes the identifiers of one study.
    pub(crate) fn add(&mut self, identifiers: &[String]) {
        if self.hidden {
            let told = identifiers.iter().map(|one| one.trim()).filter(|one| tells(one));
            self.words.extend(told.map(digest));
        }
    }

    /// Fails when a text of a record is, or has as one of its words, an identifier of anybody.
    pub(crate) fn check(&self, record: &Record) -> io::Result<()> {
        if !self.hidden {
            return Ok(());
        }
        let has = |text: &str| self.words.contains(&digest(text));
        let mut texts = vec![(record.order.as_str(), "order")];
        for (table, rows) in TABLES.iter().zip(&record.rows) {
            for row in rows {
                let cells = table.columns().iter().zip(row);
                let of_text = cells.filter(|(column, _)| column.content.kind() == Kind::Text);
                texts.extend(of_text.filter_map(|(column, cell)| Some((cell.as_deref()?, column.name))));
            }
        }
        for (text, place) in texts {
            let words = text.split(|letter: char| letter.is_whitespace() || "\0,;:()\"'".contains(letter));
            if has(text) || words.map(|word| word.trim_end_matches('.')).any(has) {
                return Err(io::Error::other(format!(
                    "an identifier of a person stands in `{place}`; nothing was published"
                )));
            }
        }
        Ok(())
    }
}

/// Shorter ones equal words and codes by chance; the text of their own study was searched for them before.
fn tells(identifier: &str) -> bool {
    identifier.chars().count() >= 6 && identifier.bytes().any(|byte| byte.is_ascii_digit())
}

fn digest(text: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dxa_exchange::tables::Problem;

    #[test]
    fn an_identifier_in_any_text_is_found() {
        let mut known = Known::new(&Identities::keyed([1; 32]));
        known.add(&["HN-7012".to_owned(), "1.2.840.99".to_owned(), "QC".to_owned()]);
        let record = |path: &str, message: &str| {
            let problem =
                Problem { path: path.to_owned(), code: "unreadable".to_owned(), message: message.to_owned() };
            Record::of_file("00".to_owned(), &problem)
        };
        assert!(known.check(&record("file-01", "It is QC 1.2.840.991.")).is_ok());
        for (path, message) in [("HN-7012", ""), ("", "Of HN-7012."), ("", "see 1.2.840.99, too")] {
            assert!(known.check(&record(path, message)).is_err(), "{path} {message}");
        }
        assert!(Known::default().check(&record("HN-7012", "")).is_ok());
    }
}
