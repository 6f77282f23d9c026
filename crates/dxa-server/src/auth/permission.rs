//! What may be done, and which roles may do it.

use std::fmt;
use std::str::FromStr;

/// One thing that may be done. Tokens of machines name these; people have roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read studies, images and results with the patient's identity.
    Read,
    /// Read results without the patient's identity.
    ReadDeidentified,
    /// Send objects.
    Store,
    /// Correct results, give context, ask for another analysis.
    Correct,
    /// Sign and amend reports.
    Sign,
    /// See deliveries and metrics.
    Operate,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::ReadDeidentified, Self::Store, Self::Correct, Self::Sign, Self::Operate];

    /// The scope of a token that gives it.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadDeidentified => "read-deidentified",
            Self::Store => "store",
            Self::Correct => "correct",
            Self::Sign => "sign",
            Self::Operate => "operate",
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u8);

impl Permissions {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.into_iter().collect()
    }

    /// Whether it holds one.
    #[must_use]
    pub fn contains(self, permission: Permission) -> bool {
        self.0 & Self::bit(permission) != 0
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What any of the roles may do.
    #[must_use]
    pub fn of_roles(roles: &[Role]) -> Self {
        roles.iter().flat_map(|role| role.permissions()).copied().collect()
    }

    /// Reads scopes separated by spaces.
    ///
    /// # Errors
    /// The first word that is no scope.
    pub fn of_scopes(scopes: &str) -> Result<Self, UnknownWord> {
        let known = |word: &str| Permission::ALL.into_iter().find(|permission| permission.scope() == word);
        scopes
            .split_whitespace()
            .map(|word| known(word).ok_or_else(|| UnknownWord(word.to_owned())))
            .collect()
    }

    /// Scopes separated by spaces.
    #[must_use]
    pub fn scopes(self) -> String {
        let held = Permission::ALL.into_iter().filter(|permission| self.contains(*permission));
        held.map(Permission::scope).collect::<Vec<_>>().join(" ")
    }

    fn bit(permission: Permission) -> u8 {
        1 << permission as u8
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | Self::bit(permission)))
    }
}

/// What a person is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Makes scans: sends, corrects.
    Technologist,
    /// Answers for the report: corrects, signs, amends.
    Physician,
    /// Works with numbers and not with people: sees no identity.
    Researcher,
    /// Runs the service; does not change or sign what is said of a patient.
    Administrator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::Technologist, Self::Physician, Self::Researcher, Self::Administrator];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Technologist => "technologist",
            Self::Physician => "physician",
            Self::Researcher => "researcher",
            Self::Administrator => "administrator",
        }
    }

    /// What it may do.
    #[must_use]
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Viewer => &[Permission::Read],
            Self::Technologist => &[Permission::Read, Permission::Store, Permission::Correct],
            Self::Physician => &[Permission::Read, Permission::Correct, Permission::Sign],
            Self::Researcher => &[Permission::ReadDeidentified],
            Self::Administrator => &[Permission::Read, Permission::Store, Permission::Operate],
        }
    }

    /// Reads names separated by spaces or commas.
    ///
    /// # Errors
    /// The first word that is no role.
    pub fn list(names: &str) -> Result<Vec<Self>, UnknownWord> {
        let words = names.split([' ', ',']).filter(|word| !word.is_empty());
        words.map(str::parse).collect()
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(name: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|role| role.name() == name);
        known.ok_or_else(|| UnknownWord(name.to_owned()))
    }
}

/// A word that is neither a role nor a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord(String);

impl UnknownWord {
    pub(super) fn new(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` is not known", self.0)
    }
}

impl std::error::Error for UnknownWord {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_what() {
        let table = [
            (Role::Viewer, "read"),
            (Role::Technologist, "read store correct"),
            (Role::Physician, "read correct sign"),
            (Role::Researcher, "read-deidentified"),
            (Role::Administrator, "read store operate"),
        ];
        for (role, scopes) in table {
            assert_eq!(Permissions::of_roles(&[role]).scopes(), scopes, "{}", role.name());
            assert_eq!(Permissions::of_scopes(scopes).unwrap(), Permissions::of_roles(&[role]));
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!(Permissions::of_scopes("read everything").is_err());
        assert!(Role::list("viewer,root").is_err());
    }
}
