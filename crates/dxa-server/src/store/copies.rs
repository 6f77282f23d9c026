//! Copies of the store, and whether every object is as it came.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::Row as _;

use super::database::{Database, Engine};
use super::{Error, Query, Store};
use crate::config::Config;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Segments in the copy.
    pub segments: usize,
}

/// What a check found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Objects as they came.
    pub sound: usize,
    /// Objects that are not.
    pub damaged: usize,
}

/// Copies index and segments to `folder`, while the service runs.
///
/// The index is copied first: the segments copied after it hold every object it names, and what came meanwhile is
/// taken into the index when the copy is opened.
///
/// # Errors
/// A store in PostgreSQL or a bucket, which have their own ways; folders that cannot be read or written.
pub async fn backup(config: &Config, folder: &Path) -> Result<Copied, Error> {
    let (index, objects) = paths(config)?;
    std::fs::create_dir_all(folder.join(OBJECTS))?;
    let fresh = folder.join("index.sqlite.new");
    remove(&fresh)?;
    let database = Database::open(&format!("sqlite:{}", index.display())).await?;
    let target = fresh.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO $1").bind(target).execute(database.read()).await?;
    let rows = sqlx::query("SELECT name FROM segments WHERE sealed = 1").fetch_all(database.read()).await?;
    let sealed: HashSet<String> = rows.iter().map(|row| row.try_get("name")).collect::<Result<_, _>>()?;
    database.close().await;
    let mut copied = Copied::default();
    for segment in segments(&objects)? {
        copy(&objects.join(&segment), &folder.join(OBJECTS).join(&segment), sealed.contains(&segment))?;
        copied.segments += 1;
    }
    std::fs::File::open(folder.join(OBJECTS))?.sync_all()?;
    std::fs::File::open(&fresh)?.sync_all()?;
    std::fs::rename(&fresh, folder.join(INDEX))?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(copied)
}

/// Puts a copy in the place of a store that is empty.
///
/// # Errors
/// A store that is not empty, a folder that holds no copy.
pub fn restore(config: &Config, folder: &Path) -> Result<Copied, Error> {
    let (index, objects) = paths(config)?;
    if index.exists() || (objects.is_dir() && !segments(&objects)?.is_empty()) {
        return Err(refused("the store is not empty; a copy is put only in the place of an empty one"));
    }
    if !folder.join(INDEX).is_file() {
        return Err(refused("the folder holds no copy of a store"));
    }
    std::fs::create_dir_all(&objects)?;
    let mut copied = Copied::default();
    for segment in segments(&folder.join(OBJECTS))? {
        copy(&folder.join(OBJECTS).join(&segment), &objects.join(&segment), false)?;
        copied.segments += 1;
    }
    copy(&folder.join(INDEX), &index, false)?;
    Ok(copied)
}

impl Store {
    /// Reads every object and compares it with its digest; what is damaged is marked and no longer used.
    ///
    /// # Errors
    /// When the index or the disk does not answer.
    pub async fn check(&self) -> Result<Checked, Error> {
        let mut checked = Checked::default();
        let studies =
            sqlx::query("SELECT uid FROM studies ORDER BY uid").fetch_all(self.database().read()).await?;
        for study in studies {
            let query = Query { studies: vec![study.try_get("uid")?], limit: i64::MAX, ..Query::default() };
            for instance in self.instances(&query).await?.rows {
                match self.read(&instance).await {
                    Ok(_) => checked.sound += 1,
                    Err(Error::Damaged) => checked.damaged += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(checked)
    }
}

const INDEX: &str = "index.sqlite";
const OBJECTS: &str = "objects";

/// Files of a store that is all in files.
fn paths(config: &Config) -> Result<(PathBuf, PathBuf), Error> {
    let (database, blobs) = (config.store.database_url(), config.store.blobs_url());
    let index =
        database.strip_prefix("sqlite:").map(|path| PathBuf::from(path.split('?').next().unwrap_or(path)));
    let objects =
        blobs.strip_prefix("file:").map(|path| PathBuf::from(path.strip_prefix("//").unwrap_or(path)));
    match (index, objects) {
        (Some(index), Some(objects)) => Ok((index, objects)),
        _ => {
            Err(refused("a store in PostgreSQL or a bucket is copied with their own tools (docs/service.md)"))
        }
    }
}

fn segments(folder: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<String>>>()?;
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "seg"));
    names.sort();
    Ok(names)
}

/// What does not change any more and is there in its length needs no second copy.
fn copy(from: &Path, to: &Path, is_final: bool) -> io::Result<()> {
    let length = from.metadata()?.len();
    if is_final && to.metadata().is_ok_and(|earlier| earlier.len() == length) {
        return Ok(());
    }
    std::fs::copy(from, to)?;
    std::fs::File::open(to)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn refused(why: &str) -> Error {
    Error::Io(io::Error::other(why.to_owned()))
}

/// Holds the store of an index in a file for this process alone.
///
/// # Errors
/// [`Error::Busy`] while another process holds it.
pub(super) fn hold(
    database: &Database,
    data: &Path,
) -> Result<Option<nix::fcntl::Flock<std::fs::File>>, Error> {
    if database.engine() == Engine::Postgres {
        return Ok(None);
    }
    std::fs::create_dir_all(data)?;
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(data.join("lock"))?;
    let held = nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusiveNonblock);
    held.map(Some).map_err(|_| Error::Busy)
}
