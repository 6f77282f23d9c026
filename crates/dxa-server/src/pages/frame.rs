//! What every page has around it: language, who is logged in and what that person may do.

use dxa_exchange::text::Language;

use dxa_exchange::view::Words;

/// The frame of a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Language of the page.
    pub(crate) language: Language,
    /// It was asked for on this page and is kept for others.
    pub(crate) keeps_language: bool,
    /// Who is logged in; `None` where nobody has to be.
    pub(crate) user: Option<String>,
    /// What requests that change something must say, where there is a session.
    pub(crate) csrf: Option<String>,
    /// May correct results.
    pub(crate) may_correct: bool,
    /// May sign reports.
    pub(crate) may_sign: bool,
    /// Path and query of the page, without its language.
    pub(crate) address: String,
    /// Version of the program.
    pub(crate) version: &'static str,
}

impl Frame {
    /// The words of the page.
    pub(crate) fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// The language as browsers name it.
    pub(crate) fn language_tag(&self) -> &'static str {
        tag(self.language)
    }

    pub(crate) fn other_language_tag(&self) -> &'static str {
        tag(other(self.language))
    }

    /// The other language in its own words.
    pub(crate) fn other_language_name(&self) -> &'static str {
        match self.language {
            Language::English => "中文",
            Language::Chinese => "English",
        }
    }

    /// The same page in the other language.
    pub(crate) fn other_language_address(&self) -> String {
        let joint = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joint}lang={}", self.address, self.other_language_tag())
    }
}

/// The tag of a language.
pub(crate) fn tag(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    }
}

fn other(language: Language) -> Language {
    match language {
        Language::English => Language::Chinese,
        Language::Chinese => Language::English,
    }
}
