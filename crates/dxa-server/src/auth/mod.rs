//! Who calls, and what they may do: accounts of people, tokens of machines, sessions of browsers.

mod accounts;
mod oidc;
mod password;
mod permission;
mod secret;
mod sessions;
mod smart;
mod tokens;

pub use accounts::{Account, LoginError, NewAccount, accounts, add, disable, login, set_password, set_roles};
pub use oidc::{OidcError, Provider, Started};
pub use permission::{Permission, Permissions, Role};
pub use sessions::{Opened, close, close_all, open, resume};
pub use smart::{Access, Records, Scopes};
pub use tokens::{NewToken, TokenRow, authenticate, issue, revoke, tokens};

/// Somebody whose identity is established.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Name of the account, for the audit trail.
    pub name: String,
    /// Account id; empty where nobody has to log in.
    pub account: String,
    /// What may be done.
    pub permissions: Permissions,
    /// Which resources of FHIR may be read.
    pub records: Records,
    /// How they said who they are.
    pub by: By,
}

/// How a caller said who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Not at all: the service listens on this machine only.
    Nothing,
    /// A token in the Authorization header.
    Token,
    /// A cookie; then a request that changes something must carry the session's CSRF token.
    Session {
        /// What the header `X-CSRF-Token` must say.
        csrf: String,
    },
}

impl Caller {
    /// Whoever sits at this machine, while no login is configured.
    #[must_use]
    pub fn local() -> Self {
        Self {
            name: "local".to_owned(),
            account: String::new(),
            permissions: Permissions::all(),
            records: Records::All,
            by: By::Nothing,
        }
    }

    /// Whether the caller may.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }
}
