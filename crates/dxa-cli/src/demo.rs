//! `dxa demo`: the service on a store of its own, with synthetic scans already in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use dxa_server::config::Config;
use dxa_server::store::{self, Incoming, Store, now};
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

/// Two visits of one person, so that a trend shows: number, day, density in g/cm².
const VISITS: [[&str; 3]; 2] = [["1", "20220314", "0.95"], ["2", "20240517", "0.88"]];

/// What was told of that person.
const TOLD: &str =
    r#"{"treatments": [{"kind": "drug", "name": "Demo", "start": "2022-04", "end": "2023-06"}]}"#;

fn visits() -> anyhow::Result<Vec<Vec<u8>>> {
    let mut scans = Vec::new();
    for [visit, date, bmd] in VISITS {
        let settings = [
            ("visit", visit),
            ("date", date),
            ("bmd", bmd),
            ("output", "map"),
            ("manufacturer", "HOLOGIC"),
            ("patient.sex", "F"),
            ("patient.name", "Visits^Simulated"),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let files = dxa_sim::simulate("ap-spine", 5, &BTreeMap::from(settings))?;
        scans.extend(files.into_iter().filter(|file| file.name.ends_with(".dcm")).map(|file| file.bytes));
    }
    Ok(scans)
}

async fn fill(config: &Config) -> anyhow::Result<()> {
    let store = Store::open(config).await?;
    let mut studies = Vec::new();
    for bytes in SCANS.into_iter().map(<[u8]>::to_vec).chain(visits()?) {
        let incoming = Incoming { bytes, source: "demo".to_owned(), announced: None, study: None };
        studies.push(store.keep(incoming).await?.identity().study.clone());
    }
    if let Some(last) = studies.last() {
        let patient = store.study(last).await?.patient;
        let mut connection = store.database().begin().await?;
        store::put_context(&mut connection, &patient, TOLD, &BTreeMap::new(), "demo").await?;
        connection.commit().await?;
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
