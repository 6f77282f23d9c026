//! `dxa demo`: the service on a store of its own, with synthetic scans already in it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use dxa_server::config::Config;
use dxa_server::store::{Incoming, Store, now};
use dxa_server::work::queue;

use crate::outcome::Outcome;
use crate::serve;

/// How to show it.
#[derive(Args)]
pub(crate) struct Options {
    /// Keep the store in this folder; by default it is removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Runs the service until it is interrupted.
///
/// # Errors
/// A folder that cannot be written, an address that cannot be listened on.
pub(crate) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let mut config = dxa_server::config::load(None, std::env::vars())?;
    let place = match &options.data {
        Some(folder) => Place::Kept(folder.clone()),
        None => Place::removed()?,
    };
    place.path().clone_into(&mut config.store.data);
    config.store.prepared_segments = 0;
    config.store.segment_bytes = config.store.segment_bytes.min(16 << 20);
    tokio::runtime::Runtime::new()?.block_on(fill(&config)).context("the scans cannot be stored")?;
    serve::serve(config, |http, dicom| {
        format!("dxa demo: open http://{http} in a browser; DICOM is taken on {dicom}; Ctrl-C ends it")
    })
}

/// Some of the scans of the repository, all simulated: each shows something else.
const SCANS: [&[u8]; 11] = [
    include_bytes!("../../../test-scans/01-ge-idxa-ap-spine.dcm"),
    include_bytes!("../../../test-scans/02-ge-idxa-left-femur.dcm"),
    include_bytes!("../../../test-scans/02-ge-idxa-right-femur.dcm"),
    include_bytes!("../../../test-scans/07-hologic-spine.dcm"),
    include_bytes!("../../../test-scans/09-sr-enhanced-hologic.dcm"),
    include_bytes!("../../../test-scans/10-pdf-spine.dcm"),
    include_bytes!("../../../test-scans/12-bmd-map-dx.dcm"),
    include_bytes!("../../../test-scans/13-dual-energy-high.dcm"),
    include_bytes!("../../../test-scans/13-dual-energy-low.dcm"),
    include_bytes!("../../../test-scans/15-name-utf8.dcm"),
    include_bytes!("../../../test-scans/16-lateral-dx-monochrome1.dcm"),
];

async fn fill(config: &Config) -> anyhow::Result<()> {
    let store = Store::open(config).await?;
    let mut studies = Vec::new();
    for scan in SCANS {
        let incoming =
            Incoming { bytes: scan.to_vec(), source: "demo".to_owned(), announced: None, study: None };
        studies.push(store.keep(incoming).await?.identity().study.clone());
    }
    queue::complete(store.database(), &studies, now()).await?;
    store.close().await;
    Ok(())
}

enum Place {
    Kept(PathBuf),
    Removed(PathBuf),
}

impl Place {
    fn removed() -> anyhow::Result<Self> {
        let name = format!("dxa-demo-{}", dxa_server::store::opaque_id()?);
        Ok(Self::Removed(std::env::temp_dir().join(name)))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) | Self::Removed(path) => path,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Removed(path) = self {
            // What cannot be removed is in the folder for temporary files.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
