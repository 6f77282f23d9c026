//! TLS settings from files, for what listens and for what connects.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::config::Tls;

/// Settings of a listener; with `client_ca`, only clients with a certificate of it are let in.
///
/// # Errors
/// Files that cannot be read or do not fit each other.
pub fn server(tls: &Tls) -> io::Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(path)?), provider);
            builder.with_client_cert_verifier(verifier.build().map_err(io::Error::other)?)
        }
    };
    let (chain, key) = identity(tls)?;
    builder.with_single_cert(chain, key).map_err(io::Error::other)
}

/// Settings of a connection that we open: authorities of `server_ca`, and our certificate where there is one.
///
/// # Errors
/// Files that cannot be read, or no authorities at all.
pub fn client(tls: &Tls) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let authorities = tls.server_ca.as_ref();
    let authorities =
        authorities.ok_or_else(|| io::Error::other("tls needs `server_ca` to know the other side"))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots(authorities)?);
    if tls.certificate.is_none() {
        return Ok(builder.with_no_client_auth());
    }
    let (chain, key) = identity(tls)?;
    builder.with_client_auth_cert(chain, key).map_err(io::Error::other)
}

/// The authorities in a file.
///
/// # Errors
/// A file that cannot be read, or without certificates.
pub fn roots(path: &Path) -> io::Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store.add(certificate).map_err(io::Error::other)?;
    }
    Ok(store)
}

/// Our certificate chain and its key.
///
/// # Errors
/// Files that are not named or cannot be read.
pub fn identity(tls: &Tls) -> io::Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) else {
        return Err(io::Error::other("tls needs both `certificate` and `key`"));
    };
    let key_file = PrivateKeyDer::from_pem_file(key)
        .map_err(|_| io::Error::other(format!("{} holds no private key", key.display())))?;
    Ok((certificates(certificate)?, key_file))
}

fn certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let unreadable = || io::Error::other(format!("{} holds no certificates", path.display()));
    let read = CertificateDer::pem_file_iter(path).map_err(|_| unreadable())?;
    let certificates: Vec<_> = read.collect::<Result<_, _>>().map_err(|_| unreadable())?;
    if certificates.is_empty() { Err(unreadable()) } else { Ok(certificates) }
}
