//! The list of studies: what needs eyes first, whose it is, and where its report stands.

use askama::Template;
use dxa_exchange::text::said;
use serde::Deserialize;

use super::frame::Frame;
use dxa_exchange::view::number::{NOTHING, decimals, or_nothing, shown_name, years_between};
use dxa_exchange::view::{Chip, Say, Summary, URGENT, Words, category_class};

use super::status;

/// What the list was asked for; an empty text asks for nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) patient_id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    /// State of the study or of its report.
    pub(crate) status: String,
    /// One of [`URGENT`], or `any`.
    pub(crate) urgent: String,
    pub(crate) offset: u32,
}

/// A study as the store has it.
pub(crate) struct Listed {
    pub(crate) uid: String,
    pub(crate) name: Option<String>,
    pub(crate) sex: Option<String>,
    pub(crate) birth_date: Option<String>,
    pub(crate) patient_id: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) modalities: Vec<String>,
    /// State of the study.
    pub(crate) state: String,
    pub(crate) failure: Option<String>,
    /// State of its newest report.
    pub(crate) report: Option<String>,
    pub(crate) summary: Option<Summary>,
}

/// The page.
#[derive(Template)]
#[template(path = "worklist.html")]
pub(crate) struct WorklistPage<'a> {
    frame: &'a Frame,
    w: &'static Words,
    asked: &'a Asked,
    mark: String,
    views: Vec<View>,
    statuses: Vec<Choice>,
    urgencies: Vec<Choice>,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
}

/// A list that is often asked for.
struct View {
    address: String,
    name: &'static str,
    is_current: bool,
}

struct Choice {
    code: &'static str,
    word: &'static str,
    is_chosen: bool,
}

struct Row {
    class: &'static str,
    uid: String,
    urgencies: Vec<Chip>,
    name: String,
    sex: &'static str,
    age: String,
    patient_id: String,
    date: String,
    scans: String,
    category: String,
    category_class: &'static str,
    lowest: String,
    fracture: String,
    status: &'static str,
    status_class: &'static str,
    failure: Option<String>,
}

/// Rows of a page.
pub(crate) const ROWS: u32 = 50;

impl<'a> WorklistPage<'a> {
    /// The page of what was found.
    pub(crate) fn of(
        frame: &'a Frame,
        asked: &'a Asked,
        found: Vec<Listed>,
        more: bool,
        mark: String,
    ) -> Self {
        let say = Say::of(frame.language);
        let newer = (asked.offset > 0).then(|| asked.address(asked.offset.saturating_sub(ROWS)));
        let older = more.then(|| asked.address(asked.offset.saturating_add(ROWS)));
        Self {
            frame,
            w: say.w,
            asked,
            mark,
            views: views(asked, say),
            statuses: statuses(asked, say),
            urgencies: urgencies(asked, say),
            rows: found.into_iter().map(|listed| Row::of(listed, say)).collect(),
            newer,
            older,
        }
    }
}

impl Asked {
    /// The same list from another row on.
    fn address(&self, offset: u32) -> String {
        let offset = if offset > 0 { offset.to_string() } else { String::new() };
        let all = [
            ("name", &self.name),
            ("patient_id", &self.patient_id),
            ("from", &self.from),
            ("to", &self.to),
            ("status", &self.status),
            ("urgent", &self.urgent),
            ("offset", &offset),
        ];
        let given: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        // Texts can always be written as a query.
        let query = serde_urlencoded::to_string(given).unwrap_or_default();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }
}

fn views(asked: &Asked, say: Say) -> Vec<View> {
    let w = say.w;
    let all = [
        (w.view_all, "", ""),
        (w.view_needs_eyes, "preliminary", "any"),
        (w.view_to_sign, "preliminary", ""),
        (w.view_signed, "final", ""),
        (w.view_failed, "failed", ""),
    ];
    let bare =
        asked.name.is_empty() && asked.patient_id.is_empty() && asked.from.is_empty() && asked.to.is_empty();
    let view = |(name, status, urgent): (&'static str, &str, &str)| {
        let of = Asked { status: status.to_owned(), urgent: urgent.to_owned(), ..Asked::default() };
        let is_current = bare && asked.status == of.status && asked.urgent == of.urgent;
        View { address: of.address(0), name, is_current }
    };
    all.into_iter().map(view).collect()
}

fn statuses(asked: &Asked, say: Say) -> Vec<Choice> {
    let codes = ["receiving", "analyzing", "failed", "preliminary", "final", "amended"];
    let choice = |code| Choice { code, word: status(code, say.w).0, is_chosen: asked.status == code };
    codes.into_iter().map(choice).collect()
}

fn urgencies(asked: &Asked, say: Say) -> Vec<Choice> {
    let any = Choice { code: "any", word: say.w.any_urgency, is_chosen: asked.urgent == "any" };
    let choice = |code| Choice { code, word: Chip::of(code, say.w).word, is_chosen: asked.urgent == code };
    std::iter::once(any).chain(URGENT.into_iter().map(choice)).collect()
}

impl Row {
    fn of(listed: Listed, say: Say) -> Self {
        let summary = listed.summary.unwrap_or_default();
        // A study that is analyzed again still has the report that people see.
        let shown = match listed.state.as_str() {
            "analyzed" => listed.report.as_deref().unwrap_or("analyzing"),
            other => other,
        };
        let (word, class) = status(shown, say.w);
        let urgencies: Vec<Chip> = summary.urgent.iter().map(|code| Chip::of(code, say.w)).collect();
        let age = listed.birth_date.as_deref().zip(listed.date.as_deref());
        let age = age.and_then(|(born, date)| years_between(born, date));
        let kinds = summary.kinds.iter().map(|kind| said::scan_kind(kind, say.language).to_owned());
        let kinds: Vec<String> = kinds.collect();
        let place = summary
            .lowest
            .as_ref()
            .map(|lowest| said::place(&lowest.site, lowest.laterality.as_deref(), say.language));
        let t = summary.lowest.as_ref().map(|lowest| lowest.t);
        let fracture = fractured(&summary);
        Self {
            class: if urgencies.iter().any(|chip| chip.class == "grave") { "grave" } else { "" },
            uid: listed.uid,
            urgencies,
            name: shown_name(listed.name.as_deref()),
            sex: match listed.sex.as_deref() {
                Some("F") => say.w.sex_female,
                Some("M") => say.w.sex_male,
                _ => NOTHING,
            },
            age: decimals(age.map(f64::floor), 0),
            patient_id: or_nothing(listed.patient_id.as_deref()),
            date: or_nothing(listed.date.as_deref()),
            scans: if kinds.is_empty() { listed.modalities.join(", ") } else { kinds.join(", ") },
            category_class: category_class(summary.category.as_deref()),
            category: summary
                .category
                .map_or_else(|| NOTHING.to_owned(), |code| said::word(&code, say.language)),
            lowest: match place {
                Some(place) => format!("{} {place}", decimals(t, 1)),
                None => NOTHING.to_owned(),
            },
            fracture,
            status: word,
            status_class: class,
            failure: listed.failure.map(|why| super::failure(&why, say.language)),
        }
    }
}

/// Graded vertebrae, those that a reader confirmed with a mark.
fn fractured(summary: &Summary) -> String {
    let mark =
        |one: &String| if summary.confirmed.contains(one) { format!("{one} ✓") } else { one.clone() };
    summary.fractured.iter().map(mark).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dxa_exchange::text::Language;

    #[test]
    fn a_page_keeps_what_was_asked() {
        let asked = Asked { name: "王 & Wang".to_owned(), urgent: "any".to_owned(), ..Asked::default() };
        assert_eq!(asked.address(50), "/?name=%E7%8E%8B+%26+Wang&urgent=any&offset=50");
        assert_eq!(Asked::default().address(0), "/");
        let say = Say::of(Language::English);
        let current: Vec<&str> =
            views(&asked, say).iter().filter(|view| view.is_current).map(|view| view.name).collect();
        assert!(current.is_empty());
        assert!(views(&Asked::default(), say)[0].is_current);
        assert_eq!(statuses(&asked, say).len(), 6);
    }
}
