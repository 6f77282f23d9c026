//! The reference population as a device prints it: `T-score vs. White Female. Source: …`.

/// Ways in which reports introduce the population, in lower case.
const INTRODUCTIONS: [&str; 16] = [
    "t-score vs.",
    "t-score vs",
    "t-scores vs.",
    "t score vs.",
    "t值 vs.",
    "reference population:",
    "reference population",
    "reference database:",
    "reference data:",
    "reference:",
    "参考人群：",
    "参考人群:",
    "参考数据库：",
    "参考数据库:",
    "референсная база:",
    "referenzpopulation:",
];

/// Longest name that is believed to be one.
const LONGEST: usize = 80;

/// The population that this text names; `None` when it introduces none.
pub(super) fn population(text: &str) -> Option<String> {
    let lower: String = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    // Same number of characters in both, so that a position found in one holds in the other.
    let (at, introduction) = INTRODUCTIONS
        .iter()
        .filter_map(|words| lower.find(words).map(|at| (at, *words)))
        .min_by_key(|(at, words)| (*at, usize::MAX - words.len()))?;
    let start = lower[..at].chars().count() + introduction.chars().count();
    let rest: String = text.chars().skip(start).collect();
    let name = rest.split(';').next().unwrap_or("");
    let name = cut_sentence(name)
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | ',' | '。' | '；'));
    (!name.is_empty() && name.chars().count() <= LONGEST).then(|| name.to_owned())
}

/// Up to the end of the sentence, or to where the source is named.
fn cut_sentence(text: &str) -> &str {
    let ends = [text.find(". "), text.find("Source"), text.find('。'), text.find("来源")];
    ends.into_iter().flatten().min().map_or(text, |end| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_population_is_the_printed_name() {
        for (text, wanted) in [
            ("T-score vs. White Female. Source: 2012 BMDCS/NHANES White Female", Some("White Female")),
            ("T-score vs. White Female; Z-score vs. White Female. Source: NHANES", Some("White Female")),
            ("t-score vs. Asian Male", Some("Asian Male")),
            ("Note: T-Score vs. White Male. Z-score vs. Black Male", Some("White Male")),
            ("Reference: USA (Combined NHANES/Lunar)", Some("USA (Combined NHANES/Lunar)")),
            ("参考人群：中国女性。", Some("中国女性")),
            ("T-score", None),
            ("T-score vs. ", None),
        ] {
            assert_eq!(population(text).as_deref(), wanted, "{text}");
        }
    }
}
