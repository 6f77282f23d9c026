//! Keys of studies and files, and what identifiers become when they must not be seen.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use dxa_exchange::tables::key::{self, KEY_BYTES};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How identifiers become what is written: plainly, or under a secret key that makes pseudonyms stable.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identities {
    key: Option<[u8; 32]>,
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.key.is_some() { "Identities(keyed)" } else { "Identities(plain)" })
    }
}

impl Identities {
    /// Identifiers stay as they are.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// Identifiers become pseudonyms under a key.
    #[must_use]
    pub fn keyed(key: [u8; 32]) -> Self {
        Self { key: Some(key) }
    }

    /// Whether identifiers are replaced.
    #[must_use]
    pub fn are_hidden(&self) -> bool {
        self.key.is_some()
    }

    /// A digest that says which key it is and nothing about it.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        self.key.is_some().then(|| hexadecimal(&self.digest("fingerprint", &[])[..8]))
    }

    /// Key of a study: what its rows in every table, and in every run, have in common.
    #[must_use]
    pub fn study_key(&self, uid: Option<&str>, patient: Option<&str>, path: &str) -> String {
        self.key_of(&key::of_study(uid, patient, path))
    }

    /// Key of a file that belongs to no study.
    #[must_use]
    pub fn file_key(&self, path: &str) -> String {
        self.key_of(&["error", path])
    }

    fn key_of(&self, parts: &[&str]) -> String {
        if self.key.is_none() {
            key::plain(parts)
        } else {
            hexadecimal(&self.digest("key", parts)[..KEY_BYTES])
        }
    }

    /// A path as it is written: names of folders and files may be names of people.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        if self.key.is_none() { path.to_owned() } else { self.word("file-", "path", path) }
    }

    /// A person's identifier as it is written.
    #[must_use]
    pub fn person(&self, id: &str) -> String {
        if self.key.is_none() { id.to_owned() } else { self.word("P", "person", id) }
    }

    /// A UID as it is written.
    #[must_use]
    pub fn uid(&self, uid: &str) -> String {
        if self.key.is_none() {
            return uid.to_owned();
        }
        dxa_exchange::uid::of_digest(&self.digest("uid", &[uid]))
    }

    /// A digest of files as it is written: without the key it cannot be compared with that of the files.
    #[must_use]
    pub fn files(&self, sha256: &str) -> String {
        if self.key.is_none() { sha256.to_owned() } else { hexadecimal(&self.digest("files", &[sha256])) }
    }

    /// Days by which the dates of a person are earlier.
    #[must_use]
    pub fn days_earlier(&self, person: &str) -> i64 {
        let digest = self.digest("days", &[person]);
        let number = digest.iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
        1 + i64::try_from(number % MOST_DAYS).unwrap_or_default()
    }

    fn word(&self, prefix: &str, purpose: &str, text: &str) -> String {
        format!("{prefix}{}", hexadecimal(&self.digest(purpose, &[text])[..8]))
    }

    fn digest(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let bytes = key::bytes(purpose, parts);
        let mac = self.key.and_then(|key| Hmac::<Sha256>::new_from_slice(&key).ok());
        match mac {
            Some(mac) => mac.chain_update(&bytes).finalize().into_bytes().into(),
            None => Sha256::digest(&bytes).into(),
        }
    }
}

/// Ten years: the season and the year of a scan cannot be told any more, the time between two can.
const MOST_DAYS: u64 = 3650;

/// The key in a file; one is made, for nobody else to read, when the file is not there.
///
/// # Errors
/// A file that cannot be read or made, or that holds no key.
pub fn key_file(path: &Path) -> io::Result<[u8; 32]> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => new_key(path)?,
        read => read?,
    };
    let digits = text.trim();
    let byte = |at: usize| digits.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    let key = bytes.filter(|_| digits.len() == 64).and_then(|bytes| bytes.try_into().ok());
    key.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a key is 64 hexadecimal digits"))
}

fn new_key(path: &Path) -> io::Result<String> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let text = format!("{}\n", hexadecimal(&key));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(text)
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    dxa_core::hexadecimal(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_are_stable_under_a_key_and_say_nothing_without_it() {
        let [one, other] = [1, 2].map(|key| Identities::keyed([key; 32]));
        assert_eq!(one.person("123"), Identities::keyed([1; 32]).person("123"));
        assert_ne!(one.person("123"), other.person("123"));
        assert_ne!(one.person("123"), one.person("124"));
        assert!(!one.path("wang/1.dcm").contains("wang"));
        let uid = one.uid("1.2.3");
        assert!(uid.starts_with("2.25.") && uid.len() <= 64, "{uid}");
        let days = one.days_earlier("123");
        assert!((1..=3650).contains(&days) && days == one.days_earlier("123"));
        assert_eq!(format!("{one:?}"), "Identities(keyed)");
    }

    #[test]
    fn keys_tell_studies_apart_and_ignore_where_files_lie() {
        let plain = Identities::plain();
        let key = |uid, patient, path| plain.study_key(uid, patient, path);
        assert_eq!(key(Some("1.2"), Some("a"), "x"), key(Some("1.2"), Some("a"), "y"));
        assert_ne!(key(Some("1.2"), Some("a"), "x"), key(Some("1.2"), Some("b"), "x"));
        assert_ne!(key(None, None, "x"), key(None, None, "y"));
        assert_eq!(key(None, None, "x").len(), 20);
        assert_eq!(
            (plain.person("p"), plain.uid("1.2"), plain.path("x")),
            ("p".into(), "1.2".into(), "x".into())
        );
    }
}
