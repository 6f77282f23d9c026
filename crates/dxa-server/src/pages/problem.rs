//! The pages that say why there is nothing to see, and the one to log in.

use askama::Template;

use super::frame::Frame;
use dxa_exchange::view::Words;

/// The page for logging in, with what went wrong before.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) w: &'static Words,
    pub(crate) error: Option<&'a str>,
}

/// A page that says what is not there, and why.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) w: &'static Words,
    pub(crate) title: &'static str,
    pub(crate) detail: Option<String>,
    /// The study that is waited for.
    pub(crate) uid: Option<String>,
    /// How it was when the page was made.
    pub(crate) mark: Option<String>,
    /// The page looks again by itself.
    pub(crate) waits: bool,
}
