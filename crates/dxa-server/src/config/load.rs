//! Reading the file and the environment, and refusing what cannot be served.

use std::path::{Path, PathBuf};

use dxa_core::reference::Profile;
use dxa_exchange::hl7::Mapping;
use toml::{Table, Value};

use super::{AuthMode, Config};

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {0} cannot be read: {1}")]
    Unreadable(String, std::io::Error),
    /// It is not TOML, or a key is unknown or of another type.
    #[error("the configuration is refused: {0}")]
    Shape(String),
    /// A combination that would be unsafe.
    #[error("{0}")]
    Unsafe(String),
}

/// Reads the file, if one is named, then applies `environment` (names and values).
///
/// # Errors
/// [`ConfigError`].
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut table = Table::new();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable(path.display().to_string(), error))?;
        table = text.parse().map_err(|error: toml::de::Error| ConfigError::Shape(error.to_string()))?;
    }
    let mut config = parse(&table)?;
    let mut overrides: Vec<(String, String)> = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("DXA_")?.to_lowercase(), value)))
        .filter(|(name, _)| name.contains("__"))
        .collect();
    overrides.sort();
    for (name, value) in overrides {
        // A value is TOML where that fits the key, and a plain text everywhere else.
        let as_toml = format!("value = {value}").parse::<Table>().ok().and_then(|mut t| t.remove("value"));
        let candidates = as_toml.into_iter().chain([Value::String(value)]);
        let mut refusal = None;
        for candidate in candidates {
            let mut tried = table.clone();
            set(&mut tried, &name, candidate);
            match parse(&tried) {
                Ok(parsed) => {
                    (table, config, refusal) = (tried, parsed, None);
                    break;
                }
                Err(error) => refusal = Some(error),
            }
        }
        if let Some(error) = refusal {
            return Err(ConfigError::Shape(format!("DXA_{}: {error}", name.to_uppercase())));
        }
    }
    for to in &mut config.deliver.hl7 {
        to.wishes = to.mapping.as_deref().map(wishes).transpose()?;
    }
    check(&config)?;
    Ok(config)
}

fn wishes(path: &Path) -> Result<Box<Mapping>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable(path.display().to_string(), error))?;
    let mapping = Mapping::from_toml(&text);
    mapping.map(Box::new).map_err(|error| ConfigError::Shape(format!("{}: {error}", path.display())))
}

fn parse(table: &Table) -> Result<Config, ConfigError> {
    Value::Table(table.clone())
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::Shape(error.to_string()))
}

fn set(table: &mut Table, name: &str, value: Value) {
    let mut parts = name.split("__").peekable();
    let mut at = table;
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            at.insert(part.to_owned(), value);
            return;
        }
        let next = at.entry(part.to_owned()).or_insert_with(|| Value::Table(Table::new()));
        if !next.is_table() {
            *next = Value::Table(Table::new());
        }
        let Some(inner) = next.as_table_mut() else { return };
        at = inner;
    }
}

fn check(config: &Config) -> Result<(), ConfigError> {
    let listeners = [Some(config.http.listen), Some(config.dimse.listen), config.hl7.listen];
    let local = listeners.iter().flatten().all(|address| address.ip().is_loopback());
    if config.auth.mode == AuthMode::None && !local {
        return Err(ConfigError::Unsafe(
            "auth.mode is `none` and a listener is not on loopback; set auth.mode to `accounts` or `oidc`"
                .to_owned(),
        ));
    }
    if config.auth.mode == AuthMode::Oidc && config.auth.oidc.is_none() {
        return Err(ConfigError::Unsafe("auth.mode is `oidc` and [auth.oidc] is missing".to_owned()));
    }
    let title = config.dimse.ae_title.trim();
    if title.is_empty() || title.len() > 16 || title.contains('\\') || !title.is_ascii() {
        return Err(ConfigError::Shape("dimse.ae_title must have 1 to 16 ASCII characters".to_owned()));
    }
    if config.store.segment_bytes < 1 << 20 {
        return Err(ConfigError::Shape("store.segment_bytes must be at least 1048576".to_owned()));
    }
    if !(4096..=1 << 20).contains(&config.dimse.pdu_bytes) {
        return Err(ConfigError::Shape("dimse.pdu_bytes must be between 4096 and 1048576".to_owned()));
    }
    if config.report.language.parse::<dxa_exchange::text::Language>().is_err() {
        return Err(ConfigError::Shape("report.language must be en or zh-CN".to_owned()));
    }
    Profile::named(&config.study.profile)
        .map_err(|error| ConfigError::Shape(format!("study.profile: {error}")))?;
    if let Some(sentence) = config.fhir.objection() {
        return Err(ConfigError::Shape(sentence));
    }
    if let Some(sentence) = config.quality.objection() {
        return Err(ConfigError::Shape(sentence.to_owned()));
    }
    if let Some(mistake) = config.hl7.results.iter().find_map(dxa_exchange::hl7::ResultCode::mistake) {
        return Err(ConfigError::Shape(format!("hl7.results: a row {mistake}")));
    }
    if config.hl7.procedures.iter().any(|procedure| procedure.code.is_empty() || procedure.instances < 1) {
        let sentence = "hl7.procedures: a row needs a code and at least one instance";
        return Err(ConfigError::Shape(sentence.to_owned()));
    }
    let times = [config.study.quiet_seconds, config.study.expected_seconds];
    if times.iter().any(|seconds| !(0.0..86_400.0).contains(seconds)) {
        let sentence = "study.quiet_seconds and study.expected_seconds must be between 0 and 86399";
        return Err(ConfigError::Shape(sentence.to_owned()));
    }
    Ok(())
}

/// The platform's folder for data of programs.
pub(super) fn data_folder() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    from("XDG_DATA_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".local/share")))
        .unwrap_or_else(|| PathBuf::from("/var/lib"))
        .join("dxa")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        load(None, pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn keys_of_the_environment_win() {
        let config = environment(&[
            ("DXA_STORE__DATA", "/srv/dxa"),
            ("DXA_DIMSE__AE_TITLE", "123"),
            ("DXA_STUDY__QUIET_SECONDS", "0.5"),
            ("DXA_DELIVER__DICOM", r#"[{ name = "pacs", ae_title = "PACS", address = "127.0.0.1:4242" }]"#),
            ("DXA_NHANES", "none"),
        ])
        .unwrap();
        assert_eq!(config.store.data, Path::new("/srv/dxa"));
        assert_eq!(config.store.database_url(), "sqlite:/srv/dxa/index.sqlite");
        let shown = toml::to_string(&config.clone().in_full()).unwrap();
        assert!(shown.contains("database = \"sqlite:/srv/dxa/index.sqlite\"\n"), "{shown}");
        assert!(shown.contains("blobs = \"file:/srv/dxa/objects\"\n"), "{shown}");
        assert_eq!(config.dimse.ae_title, "123");
        assert!((config.study.quiet_seconds - 0.5).abs() < 1e-9);
        assert_eq!(config.deliver.dicom[0].send, ["sr", "sc"]);
    }

    #[test]
    fn every_hl7_destination_has_its_own_mapping() {
        let folder = std::env::temp_dir().join(format!("dxa-mappings-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("old.toml"), "version = \"2.3.1\"").unwrap();
        std::fs::write(folder.join("wrong.toml"), "versio = \"2.3.1\"").unwrap();
        let with = |file: &str| {
            let path = folder.join(file);
            let table = format!(
                "[{{ name = \"a\", address = \"h:1\" }}, {{ name = \"b\", address = \"h:2\", mapping = '{}' }}]",
                path.display()
            );
            environment(&[("DXA_DELIVER__HL7", table.as_str())])
        };
        let deliver = with("old.toml").unwrap().deliver;
        let numbers: Vec<i64> = deliver.hl7.iter().map(|to| deliver.message_number(to)).collect();
        assert_eq!((deliver.mappings().len(), numbers), (1, vec![0, 1]));
        assert!(matches!(with("wrong.toml"), Err(ConfigError::Shape(_))));
        assert!(matches!(with("missing.toml"), Err(ConfigError::Unreadable(..))));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn unknown_keys_and_open_doors_are_refused() {
        assert!(matches!(environment(&[("DXA_STORE__DATE", "x")]), Err(ConfigError::Shape(_))));
        for (name, value) in [
            ("DXA_QUALITY__BASELINE_SCANS", "1"),
            ("DXA_QUALITY__CUSUM_H", "0"),
            ("DXA_FHIR__PATIENT_SYSTEMS", r#"{ HOSP = "hospital" }"#),
            ("DXA_QUALITY__BASELINES", r#"[{ from = "2024-05-17" }]"#),
            ("DXA_QUALITY__BASELINES", r#"[{ serial = "1", from = "May" }]"#),
        ] {
            assert!(matches!(environment(&[(name, value)]), Err(ConfigError::Shape(_))), "{name} {value}");
        }
        let open = [("DXA_HTTP__LISTEN", "0.0.0.0:8080")];
        assert!(matches!(environment(&open), Err(ConfigError::Unsafe(_))));
        let unknown = environment(&[("DXA_STUDY__PROFILE", "iscd-1823")]).unwrap_err().to_string();
        assert!(unknown.contains("study.profile: there is no profile `iscd-1823`; known are"), "{unknown}");
        let closed = [("DXA_HTTP__LISTEN", "0.0.0.0:8080"), ("DXA_AUTH__MODE", "accounts")];
        assert_eq!(environment(&closed).unwrap().auth.mode, AuthMode::Accounts);
    }
}
