//! Earlier studies from an archive that answers C-FIND and C-MOVE; the objects come to our own listener.

use std::collections::HashSet;
use std::time::Duration;

use super::person::Person;
use crate::config::{Config, QueryArchive};
use crate::scu::{Association, QUERY_AND_MOVE, Remote, find_studies, move_study};
use crate::store::Store;

/// How long an archive may be silent; moving a study can take it a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// Finds and moves.
pub(super) async fn fetch(
    store: &Store,
    config: &Config,
    archive: &QueryArchive,
    person: &Person,
    seen: &mut HashSet<String>,
) -> Result<(), String> {
    let remote = Remote { ae_title: &archive.ae_title, address: &archive.address, tls: archive.tls.as_ref() };
    let mut association = Association::open(remote, config, &QUERY_AND_MOVE, PATIENCE).await?;
    let fetched = async {
        let found = find_studies(&mut association, &person.id, &person.dates).await?;
        for study in super::wanted(store, config, person, found, seen).await? {
            super::expect(store, &study, &person.study, &archive.name).await?;
            move_study(&mut association, &config.dimse.ae_title, &study).await?;
        }
        Ok(())
    };
    let fetched = fetched.await;
    association.release().await;
    fetched
}
