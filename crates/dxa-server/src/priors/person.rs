//! Whose earlier studies are looked for, and whether a study that was found is theirs.

use sqlx::Row as _;

use crate::config::Priors;
use crate::scu::FoundStudy;
use crate::store::{Error, Store};

/// A patient as the study says.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) study: String,
    pub(super) id: String,
    issuer: Option<String>,
    birth_date: Option<String>,
    sex: Option<String>,
    /// Study dates that count, `YYYYMMDD-YYYYMMDD`.
    pub(super) dates: String,
}

impl Person {
    /// The patient of a study; `None` when too little is known to look for anybody.
    pub(super) async fn of(store: &Store, study: &str, priors: &Priors) -> Result<Option<Self>, Error> {
        let row = sqlx::query(
            "SELECT patients.patient_id AS patient_id, patients.issuer AS issuer, patients.birth_date AS birth_date, \
             patients.sex AS sex, studies.study_date AS study_date FROM studies \
             JOIN patients ON patients.id = studies.patient WHERE studies.uid = $1 AND studies.patient_mismatch = 0",
        )
        .bind(study)
        .fetch_optional(store.database().read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let text = |column: &str| row.try_get::<Option<String>, _>(column);
        let (id, date) = (text("patient_id")?, text("study_date")?);
        let dates = date.as_deref().and_then(|date| before(date, priors.years));
        // A wildcard in an identifier would find other people.
        let id = id.filter(|id| !id.contains(['*', '?', '\\']));
        let (Some(id), Some(dates)) = (id, dates) else { return Ok(None) };
        let study = study.to_owned();
        let person = Self {
            study,
            id,
            issuer: text("issuer")?,
            birth_date: text("birth_date")?,
            sex: text("sex")?,
            dates,
        };
        Ok(Some(person))
    }

    /// The same identifier of the same issuer, and nothing that contradicts it; birth date or sex must be known to
    /// agree. Names are not looked at.
    pub(super) fn is(&self, other: &FoundStudy) -> bool {
        let agree = |one: &Option<String>, other: &Option<String>| {
            one.as_ref().zip(other.as_ref()).map(|(one, other)| one == other)
        };
        let known = [agree(&self.birth_date, &other.birth_date), agree(&self.sex, &other.sex)];
        self.id == other.id
            && agree(&self.issuer, &other.issuer) != Some(false)
            && !known.contains(&Some(false))
            && known.contains(&Some(true))
    }
}

/// Whether a study has one of these modalities.
pub(super) fn has_one_of(found: &FoundStudy, modalities: &[String]) -> bool {
    found.modalities.iter().any(|modality| modalities.contains(modality))
}

/// The years before a day, up to the day before it.
fn before(date: &str, years: u16) -> Option<String> {
    let day = jiff::civil::Date::strptime("%Y%m%d", date).ok()?;
    let first = day.checked_sub(jiff::Span::new().years(i64::from(years))).ok()?;
    let last = day.yesterday().ok()?;
    Some(format!("{}-{}", first.strftime("%Y%m%d"), last.strftime("%Y%m%d")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned()).filter(|value| !value.is_empty())
    }

    fn found(id: &str, issuer: &str, birth: &str, sex: &str) -> FoundStudy {
        FoundStudy {
            id: id.to_owned(),
            issuer: text(issuer),
            birth_date: text(birth),
            sex: text(sex),
            ..FoundStudy::default()
        }
    }

    #[test]
    fn nobody_is_matched_by_half_of_what_is_known() {
        let person = Person {
            study: String::new(),
            id: "7".to_owned(),
            issuer: text("CLINIC"),
            birth_date: text("19610203"),
            sex: text("F"),
            dates: String::new(),
        };
        for (id, issuer, birth, sex, same) in [
            ("7", "CLINIC", "19610203", "F", true),
            ("7", "", "19610203", "", true),
            ("7", "", "", "F", true),
            ("7", "", "", "", false),
            ("7", "OTHER", "19610203", "F", false),
            ("7", "CLINIC", "19610204", "F", false),
            ("7", "CLINIC", "19610203", "M", false),
            ("07", "CLINIC", "19610203", "F", false),
            ("", "CLINIC", "19610203", "F", false),
        ] {
            assert_eq!(person.is(&found(id, issuer, birth, sex)), same, "{id} {issuer} {birth} {sex}");
        }
    }

    #[test]
    fn earlier_is_before_the_day() {
        assert_eq!(before("20240229", 10).as_deref(), Some("20140228-20240228"));
        assert_eq!(before("2024", 10), None);
    }
}
