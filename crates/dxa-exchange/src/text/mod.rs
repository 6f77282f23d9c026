//! The words of reports in English and Simplified Chinese.
//!
//! Every word stands in both languages side by side; matches are exhaustive, so that a new code does not
//! compile until it can be said in both.

mod checks;
mod codes;
mod conclusion;
mod facts;
mod findings;
mod inputs;
pub(crate) mod labels;
mod populations;
mod questions;
mod rules;
pub mod said;
mod statements;
mod told;

pub use checks::{check, flag};
pub use codes::{error, refusal, site};
pub(crate) use conclusion::conclusion;
pub(crate) use facts::told;
pub use facts::{fact, fact_code};
pub use findings::finding;
pub use inputs::input;
pub use labels::Label;
pub use questions::question;
pub use rules::{
    age_category, change, comparison_rule_title, diagnosis, fracture_risk, incomparable, outcome, rule,
    rule_title, vfa,
};

pub(crate) use statements::{about, quantity};

/// Language of what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Chooses between the two wordings.
    #[must_use]
    pub fn of<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

impl std::str::FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads `en` and `zh-CN`, with the spellings in use for them.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        match text.to_ascii_lowercase().as_str() {
            "en" | "en-us" | "en-gb" => Ok(Self::English),
            "zh-cn" | "zh" | "zh-hans" | "zh_cn" => Ok(Self::Chinese),
            _ => Err(UnknownLanguage),
        }
    }
}

/// A language that is not spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLanguage;

impl std::fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the languages are `en` and `zh-CN`")
    }
}

impl std::error::Error for UnknownLanguage {}
