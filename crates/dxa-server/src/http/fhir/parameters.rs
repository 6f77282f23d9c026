//! What a search asks for. A parameter that is not known is refused: to leave it out would answer another question.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dxa_exchange::fhir::observation_id;

use super::outcome::Outcome;
use super::{KINDS, date};
use crate::http::problem::{Code, Problem};
use crate::store::{RowPlace, Search, Wanted};

/// Resources of a page when nothing is said, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 500;
/// Values of all parameters together, and letters of one of them.
const MOST_VALUES: usize = 200;
const LONGEST: usize = 4096;

/// Whether the number of all matches is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    NotAsked,
    Wanted,
    /// The number and nothing else.
    Only,
}

/// A search as it was asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) search: Search,
    pub(super) total: Total,
    pub(super) format: Option<String>,
}

impl Asked {
    /// Reads the parameters of a search for resources of a type.
    pub(super) fn of(kind: &'static str, pairs: &[(String, String)]) -> Result<Self, Outcome> {
        let search = Search { kind: kind.to_owned(), limit: USUAL, ..Search::default() };
        let mut asked = Self { search, total: Total::NotAsked, format: None };
        let own = KINDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, own)| own);
        let count: usize = pairs.iter().map(|(_, value)| 1 + value.matches(',').count()).sum();
        if count > MOST_VALUES || pairs.iter().any(|(_, value)| value.len() > LONGEST) {
            let sentence =
                format!("a search has at most {MOST_VALUES} values, of at most {LONGEST} letters each");
            return Err(Problem::new(Code::BadRequest, sentence).into());
        }
        for (name, value) in pairs {
            if !asked.take_common(name, value)? {
                asked.take(own, name, value)?;
            }
        }
        Ok(asked)
    }

    /// Whether it was one of the parameters that every type has.
    fn take_common(&mut self, name: &str, value: &str) -> Result<bool, Outcome> {
        let search = &mut self.search;
        match name {
            "_id" => search.ids.extend(values(value)),
            "_lastUpdated" => {
                let moments = date::moments(value, jiff::Timestamp::now());
                search.updated.push(moments.ok_or_else(|| wrong(name))?);
            }
            "_count" => {
                let count: i64 = value.parse().map_err(|_| wrong(name))?;
                match count {
                    0 => self.total = Total::Only,
                    1.. => search.limit = count.min(MOST),
                    _ => return Err(wrong(name)),
                }
            }
            AFTER => search.after = Some(place(value).ok_or_else(|| wrong(name))?),
            "_sort" => match value {
                "-date" | "-started" => search.oldest_first = false,
                "date" | "started" => search.oldest_first = true,
                _ => return Err(wrong(name)),
            },
            "_total" => match value {
                "none" => {}
                "accurate" | "estimate" => self.total = Total::Wanted,
                _ => return Err(wrong(name)),
            },
            "_summary" => match value {
                "false" => {}
                "count" => self.total = Total::Only,
                _ => return Err(wrong(name)),
            },
            "_format" => self.format = Some(value.to_owned()),
            "_pretty" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take(&mut self, own: &[&str], name: &str, value: &str) -> Result<(), Outcome> {
        let meant = match name.strip_prefix("subject") {
            Some(rest) => format!("patient{}", rest.replacen(":Patient", "", 1)),
            None => name.to_owned(),
        };
        let root = meant.split(['.', ':']).next().unwrap_or_default();
        if !own.contains(&root) {
            let sentence = format!("this type is not searched by `{}`", shown(name));
            return Err(Problem::new(Code::BadRequest, sentence).into());
        }
        let is_observation = self.search.kind == "Observation";
        let search = &mut self.search;
        match meant.as_str() {
            "patient" | "patient:Patient" => search.patients.extend(values(value).map(last_part)),
            "patient.identifier" => search.patient_identifiers.extend(tokens(name, value)?),
            // The key of an Observation holds the sign that parts a system from a value.
            "identifier" if is_observation => {
                search.ids.extend(values(value).map(|key| observation_id(&key)))
            }
            "identifier" => search.identifiers.extend(tokens(name, value)?),
            "code" => search.codes.extend(tokens(name, value)?),
            "status" => search.statuses.extend(values(value).map(last_part)),
            "date" | "started" => {
                let days = date::days(value, jiff::Zoned::now().date());
                search.days.push(days.ok_or_else(|| wrong(name))?);
            }
            _ => return Err(wrong(name)),
        }
        Ok(())
    }
}

fn wrong(name: &str) -> Outcome {
    Problem::new(Code::BadRequest, format!("`{}` is not understood as it is given", shown(name))).into()
}

/// The name of a parameter, as far as it can be no more than one.
fn shown(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "._:-".contains(*letter))
        .take(40)
        .collect()
}

/// The parameter with which the link to the next page goes on; what it holds is for this server only.
pub(super) const AFTER: &str = "_after";

/// A place as the link to the next page has it.
pub(super) fn token(place: &RowPlace) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}\n{}", place.day.as_deref().unwrap_or_default(), place.id))
}

fn place(token: &str) -> Option<RowPlace> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (day, id) = text.split_once('\n')?;
    Some(RowPlace { day: Some(day.to_owned()).filter(|day| !day.is_empty()), id: id.to_owned() })
}

/// The part of a reference or an address that is the id, and of a token the value.
fn last_part(value: String) -> String {
    value.rsplit(['/', '|']).next().unwrap_or_default().to_owned()
}

/// Values parted by commas; `\,` is a comma, `\|` a bar.
fn values(text: &str) -> impl Iterator<Item = String> {
    let mut all = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, all.last_mut()) {
            (',', _) => all.push(String::new()),
            ('\\', Some(last)) => last.extend(letters.next()),
            (other, Some(last)) => last.push(other),
            (_, None) => {}
        }
    }
    all.into_iter().filter(|value| !value.is_empty())
}

/// `value`, `system|value`, `|value` or `system|`.
fn tokens(name: &str, text: &str) -> Result<Vec<Wanted>, Outcome> {
    let token = |text: String| {
        let (system, value) = match text.split_once('|') {
            Some((system, value)) => (Some(system.to_owned()), value.to_owned()),
            None => (None, text),
        };
        Wanted { system, value: Some(value).filter(|value| !value.is_empty()) }
    };
    let all: Vec<Wanted> = values(text).map(token).collect();
    // Signs with a meaning in the index are in no code.
    let is_odd = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(['*', '?', '\n']));
    if all.is_empty() || all.iter().any(|wanted| is_odd(&wanted.system) || is_odd(&wanted.value)) {
        return Err(wrong(name));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: &'static str, pairs: &[(&str, &str)]) -> Option<Search> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::of(kind, &pairs).ok().map(|asked| asked.search)
    }

    #[test]
    fn references_tokens_and_commas_are_read() {
        let search = asked(
            "Observation",
            &[("subject", "Patient/a,http://h/fhir/Patient/b"), ("code", "http://loinc.org|24966-4,BMD")],
        );
        let search = search.unwrap();
        assert_eq!(search.patients, ["a", "b"]);
        assert_eq!(search.codes[0].system.as_deref(), Some("http://loinc.org"));
        assert_eq!(search.codes[1], Wanted { system: None, value: Some("BMD".to_owned()) });
        let key = asked(
            "Observation",
            &[("identifier", "urn:oid:2.25.226815438790315671842904711562368950193.1|1.2|region|BMD")],
        )
        .unwrap();
        assert_eq!(key.ids, [observation_id("1.2|region|BMD")]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (kind, pair) in [
            ("Observation", ("value-quantity", "gt1")),
            ("Patient", ("name", "x")),
            ("Observation", ("code", "*")),
            ("Observation", ("date", "yesterday")),
            ("Observation", ("_count", "-1")),
            ("Observation", ("_include", "Observation:subject")),
            ("DiagnosticReport", ("patient.name", "x")),
        ] {
            assert!(asked(kind, &[pair]).is_none(), "{pair:?}");
        }
    }
}
