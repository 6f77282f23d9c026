//! A real PostgreSQL for a test: own folder, socket only, ended with the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A running server.
pub(crate) struct Server {
    folder: PathBuf,
}

impl Server {
    /// Makes a cluster in `folder` and starts it.
    pub(crate) fn start(folder: &Path) -> Self {
        let server = Self { folder: folder.join("pg") };
        std::fs::create_dir_all(&server.folder).unwrap();
        let data = server.folder.join("data");
        server.own();
        let auth = ["--auth=trust", "--username=dxa", "--no-sync", "-D"];
        server.run("initdb", |command| command.args(auth).arg(&data));
        // Durability is not what this server is here for.
        let options =
            format!("-F -c listen_addresses='' -c unix_socket_directories='{}'", server.folder.display());
        server.run("pg_ctl", |command| {
            command
                .args(["-w", "-o", &options, "-l"])
                .arg(server.folder.join("log"))
                .arg("-D")
                .arg(&data)
                .arg("start")
        });
        server
    }

    /// The address of its database.
    pub(crate) fn url(&self) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://dxa@{socket}/postgres")
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command) -> &mut Command) {
        let path = binary(program);
        // PostgreSQL does not run as root.
        let mut command = if nix::unistd::Uid::effective().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        arguments(&mut command);
        command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().unwrap();
        assert!(status.success(), "{program} failed: {status}");
    }

    fn own(&self) {
        if nix::unistd::Uid::effective().is_root() {
            let status = Command::new("chown").arg("postgres:postgres").arg(&self.folder).status().unwrap();
            assert!(status.success(), "the folder cannot be given to postgres");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        self.run("pg_ctl", |command| command.args(["-m", "immediate", "-w", "-D"]).arg(data).arg("stop"));
    }
}

fn binary(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(program)).collect();
    found.retain(|path| path.exists());
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from(program))
}
