//! Which resources of FHIR a token may read, in the words of SMART (App Launch 2.2, "Scopes for requesting FHIR
//! resources").

use std::collections::BTreeSet;

use super::permission::{Permission, Permissions, UnknownWord};

/// The resources of FHIR that somebody may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Records {
    /// None.
    #[default]
    Nothing,
    /// Those of some types.
    Of(BTreeSet<String>),
    /// All.
    All,
}

impl Records {
    /// Whether resources of a type may be read.
    #[must_use]
    pub fn may_read(&self, kind: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Of(kinds) => kinds.contains(kind),
            Self::All => true,
        }
    }

    /// What somebody with some permissions reads: records hold identities.
    #[must_use]
    pub fn of(permissions: Permissions) -> Self {
        if permissions.contains(Permission::Read) { Self::All } else { Self::Nothing }
    }
}

/// The scopes of a token: our own words, and those of SMART.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    permissions: Permissions,
    /// Types; `*` is all.
    kinds: BTreeSet<String>,
}

impl Scopes {
    /// Reads scopes separated by spaces.
    ///
    /// A scope to write, one of a patient chosen at launch, and one with a filter are refused: none of them could be
    /// kept.
    ///
    /// # Errors
    /// The first word that is no scope of ours.
    pub fn read(text: &str) -> Result<Self, UnknownWord> {
        let (smart, own): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| word.contains('/'));
        let kinds = smart.into_iter().map(|word| kind(word).ok_or_else(|| UnknownWord::new(word)));
        Ok(Self {
            permissions: Permissions::of_scopes(&own.join(" "))?,
            kinds: kinds.collect::<Result<_, _>>()?,
        })
    }

    /// Scopes separated by spaces.
    #[must_use]
    pub fn text(&self) -> String {
        let own = Some(self.permissions.scopes()).filter(|own| !own.is_empty());
        own.into_iter().chain(self.kinds.iter().map(|kind| format!("system/{kind}.rs"))).collect::<Vec<_>>().join(" ")
    }

    /// What a token may do and read, when its account may do this.
    pub(super) fn within(&self, account: Permissions) -> (Permissions, Records) {
        let permissions = self.permissions.intersection(account);
        let records = match Records::of(permissions) {
            Records::Nothing if account.contains(Permission::Read) && !self.kinds.is_empty() => {
                if self.kinds.contains("*") { Records::All } else { Records::Of(self.kinds.clone()) }
            }
            records => records,
        };
        (permissions, records)
    }
}

impl From<Permissions> for Scopes {
    fn from(permissions: Permissions) -> Self {
        Self { permissions, kinds: BTreeSet::new() }
    }
}

/// The type of a scope to read and to search.
fn kind(word: &str) -> Option<String> {
    let resource = word.strip_prefix("system/").or_else(|| word.strip_prefix("user/"))?;
    let (kind, may) = resource.split_once('.')?;
    let is_type = kind == "*" || (!kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic()));
    (is_type && matches!(may, "read" | "rs")).then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_the_types_of_its_scopes_and_never_more_than_its_account() {
        let scopes = Scopes::read("store system/Observation.rs user/Patient.read").unwrap();
        assert_eq!(scopes.text(), "store system/Observation.rs system/Patient.rs");
        assert_eq!(Scopes::read(&scopes.text()).unwrap(), scopes);
        let (permissions, records) = scopes.within(Permissions::all());
        assert_eq!(permissions.scopes(), "store");
        assert!(records.may_read("Observation") && !records.may_read("DiagnosticReport"));
        let blind = Permissions::of_scopes("read-deidentified store").unwrap();
        assert_eq!(scopes.within(blind).1, Records::Nothing);
        assert_eq!(Scopes::read("read").unwrap().within(Permissions::all()).1, Records::All);
        for word in ["system/Observation.cruds", "patient/Observation.rs", "system/Observation.rs?code=1", "system/.rs"] {
            assert!(Scopes::read(word).is_err(), "{word}");
        }
    }
}
