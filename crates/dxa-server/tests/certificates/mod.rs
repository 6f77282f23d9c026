//! Certificates for a test, made by openssl.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An authority in a folder of its own.
pub(crate) struct Authority(PathBuf);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("dxa-certificates-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let authority = Self(folder);
        let (key, certificate) = (authority.file("ca.key"), authority.certificate());
        let subject = "/CN=authority of a test";
        openssl(
            &["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", subject],
            &[("-keyout", &key), ("-out", &certificate)],
        );
        authority
    }

    /// The certificate of the authority.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// A certificate for a name and its key; negative days give one that has ended.
    pub(crate) fn issue(&self, name: &str, days: i32) -> (PathBuf, PathBuf) {
        let (key, request) = (self.file(&format!("{name}.key")), self.file(&format!("{name}.csr")));
        let (certificate, extensions) = (self.file(&format!("{name}.pem")), self.file("extensions"));
        std::fs::write(&extensions, format!("subjectAltName=DNS:{name},IP:127.0.0.1\n")).unwrap();
        let subject = format!("/CN={name}");
        openssl(
            &["req", "-newkey", "rsa:2048", "-nodes", "-subj", &subject],
            &[("-keyout", &key), ("-out", &request)],
        );
        openssl(
            &["x509", "-req", "-days", &days.to_string(), "-CAcreateserial"],
            &[
                ("-in", &request),
                ("-CA", &self.certificate()),
                ("-CAkey", &self.file("ca.key")),
                ("-extfile", &extensions),
                ("-out", &certificate),
            ],
        );
        (certificate, key)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn openssl(arguments: &[&str], files: &[(&str, &Path)]) {
    let mut command = Command::new("openssl");
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    for (option, file) in files {
        command.arg(option).arg(file);
    }
    assert!(command.status().unwrap().success(), "openssl {arguments:?} failed");
}
