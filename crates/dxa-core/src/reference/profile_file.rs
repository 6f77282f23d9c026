//! The TOML form of a profile; `reference-data/SCHEMA.md` explains it.

use serde::Deserialize;

use super::device::Maker;
use super::profile::{Candidate, Profile, RowSex, Rule, ScoreKind};
use super::sidecar::one_line;
use crate::patient::{Ethnicity, Sex};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    id: String,
    version: String,
    title: String,
    source: String,
    rules: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    score: String,
    #[serde(default)]
    makers: Vec<String>,
    sites: Vec<String>,
    #[serde(default)]
    sexes: Vec<String>,
    #[serde(default)]
    ethnicities: Vec<String>,
    candidates: Vec<CandidateFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateFile {
    table: Option<String>,
    #[serde(default)]
    device: bool,
    #[serde(default)]
    inferred: bool,
    row: Option<String>,
    #[serde(default)]
    optional: bool,
    decides: Option<bool>,
}

/// Reads a profile; its checksum is left empty.
pub(super) fn parse(bytes: &[u8]) -> Result<Profile, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let file: ProfileFile = toml::from_str(text).map_err(|error| one_line(&error))?;
    let rules = file.rules.into_iter().map(rule).collect::<Result<_, _>>()?;
    let ProfileFile { id, version, title, source, .. } = file;
    Ok(Profile { id, version, title, source, rules, sha256: String::new() })
}

fn rule(file: RuleFile) -> Result<Rule, String> {
    let score = known("score", &[ScoreKind::T, ScoreKind::Z], ScoreKind::code, &file.score)?;
    let sites = file.sites.iter().map(|site| site.parse().map_err(|error| format!("{error}")));
    Ok(Rule {
        score,
        makers: all_known("manufacturer", &Maker::ALL, Maker::code, &file.makers)?,
        sites: sites.collect::<Result<_, _>>()?,
        sexes: all_known("sex", &SEXES, Sex::code, &file.sexes)?,
        ethnicities: all_known("ethnicity", &Ethnicity::ALL, Ethnicity::code, &file.ethnicities)?,
        candidates: file.candidates.into_iter().map(candidate).collect::<Result<_, _>>()?,
    })
}

fn candidate(file: CandidateFile) -> Result<Candidate, String> {
    let row = match file.row.as_deref() {
        None => RowSex::Own,
        Some(code) => RowSex::Always(known("sex", &SEXES, Sex::code, code)?),
    };
    let plain = !file.optional && file.decides.is_none();
    match (file.table, file.inferred, file.device) {
        (Some(id), false, false) => {
            let decides = file.decides.unwrap_or(true);
            Ok(Candidate::Table { id, row, optional: file.optional, decides })
        }
        (None, true, false) if plain => Ok(Candidate::Inferred { row }),
        (None, false, true) if plain && row == RowSex::Own => Ok(Candidate::Device),
        _ => Err("a candidate is `table = \"id\"` (with row, optional, decides), `inferred = true` \
                  (with row) or `device = true`"
            .to_owned()),
    }
}

const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];

fn all_known<T: Copy>(
    what: &str,
    all: &[T],
    code: fn(T) -> &'static str,
    texts: &[String],
) -> Result<Vec<T>, String> {
    texts.iter().map(|text| known(what, all, code, text)).collect()
}

fn known<T: Copy>(what: &str, all: &[T], code: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    let found = all.iter().copied().find(|value| code(*value) == text);
    found.ok_or_else(|| format!("`{text}` is no {what}"))
}
