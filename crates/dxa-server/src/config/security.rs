//! Who may use the service, with what certificates, and where audit events go.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};

/// Who may use the service.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// `none` (only while both listeners are on loopback), `accounts` or `oidc`.
    pub mode: AuthMode,
    /// The identity provider of mode `oidc`.
    pub oidc: Option<Oidc>,
    /// A session ends after this many minutes without a request; 0: the default of 30.
    pub idle_minutes: u32,
}

/// How people and machines prove who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Not at all.
    #[default]
    None,
    /// Accounts in the store.
    Accounts,
    /// An OpenID Connect provider.
    Oidc,
}

/// An OpenID Connect provider.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Issuer address.
    pub issuer: String,
    /// Client id we are registered under.
    pub client_id: String,
    /// Its secret.
    #[serde(default)]
    pub client_secret: Option<Secret>,
    /// Claim that lists roles.
    #[serde(default)]
    pub roles_claim: Option<String>,
}

/// Where audit events go beside the store.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// `host:port` of an audit record repository that takes syslog.
    pub syslog: Option<String>,
    /// With TLS (RFC 5425); without it the connection is plain TCP.
    pub tls: Option<Tls>,
    /// Name of this system in audit messages; by default the AE title.
    pub source: Option<String>,
}

/// Files of certificates, PEM.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Our certificate chain.
    pub certificate: Option<PathBuf>,
    /// Our private key.
    pub key: Option<PathBuf>,
    /// For a listener: authorities of clients, who then must show a certificate.
    pub client_ca: Option<PathBuf>,
    /// For a connection we open: authorities of servers.
    pub server_ca: Option<PathBuf>,
}

/// A value that is never shown.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a value out of sight.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be shown: an address without its password, or stars.
    fn masked(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once(':') else {
            return if self.0.is_empty() { String::new() } else { "***".to_owned() };
        };
        match (scheme, rest.rsplit_once('@')) {
            ("sqlite", _) => self.0.clone(),
            ("postgres" | "postgresql", Some((_, host))) => format!("{scheme}://***@{host}"),
            ("postgres" | "postgresql", None) => self.0.split('?').next().unwrap_or_default().to_owned(),
            _ => "***".to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.masked())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn passwords_are_not_shown() {
        for (value, shown) in [
            ("", ""),
            ("sqlite:/data/index.sqlite", "sqlite:/data/index.sqlite"),
            ("postgres://dxa:p@ss@db.local/dxa", "postgres://***@db.local/dxa"),
            ("postgres://db.local/dxa?password=x", "postgres://db.local/dxa"),
            ("Bearer:abc", "***"),
            ("hunter2", "***"),
        ] {
            assert_eq!(format!("{:?}", Secret::new(value.to_owned())), shown);
        }
    }
}
