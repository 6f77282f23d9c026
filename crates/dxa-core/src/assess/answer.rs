//! Three-valued answers: yes, no, and not without an input that is missing.

use super::input::Input;

/// What a rule came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It applies.
    Fired,
    /// It does not apply.
    NotFired,
    /// An input without which it cannot be answered is missing.
    CannotTell,
}

impl Outcome {
    /// The code of the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::NotFired => "not_fired",
            Self::CannotTell => "cannot_tell",
        }
    }

    /// `None` when it cannot be told.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self {
            Self::Fired => Some(true),
            Self::NotFired => Some(false),
            Self::CannotTell => None,
        }
    }
}

/// An outcome with the inputs for want of which it cannot be told; there are none when it can.
///
/// Answers combine by Kleene's strong logic: one yes settles an "or" and one no settles an "and",
/// whatever else is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(Result<bool, Vec<Input>>);

impl Answer {
    /// Yes or no.
    pub(super) fn known(yes: bool) -> Self {
        Self(Ok(yes))
    }

    /// Not without this input.
    pub(super) fn needs(input: Input) -> Self {
        Self(Err(vec![input]))
    }

    /// What `judge` says of the value, if there is one.
    pub(super) fn about<T>(input: Input, value: Option<T>, judge: impl FnOnce(T) -> bool) -> Self {
        value.map_or_else(|| Self::needs(input), |value| Self::known(judge(value)))
    }

    /// What `judge` says of two values, if both are there.
    pub(super) fn about_both<A, B>(
        (one, a): (Input, Option<A>),
        (other, b): (Input, Option<B>),
        judge: impl FnOnce(A, B) -> bool,
    ) -> Self {
        match (a, b) {
            (Some(a), Some(b)) => Self::known(judge(a, b)),
            (a, b) => Self::about(one, a, |_| true).and(Self::about(other, b, |_| true)),
        }
    }

    /// A yes or no that was given or not.
    pub(super) fn given(input: Input, value: Option<bool>) -> Self {
        Self::about(input, value, |yes| yes)
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::combine(self, other, false)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self::combine(self, other, true)
    }

    /// Yes when any of them is.
    pub(super) fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        answers.into_iter().fold(Self::known(false), Self::or)
    }

    /// `settling` is the value that decides alone.
    fn combine(one: Self, other: Self, settling: bool) -> Self {
        match (one.0, other.0) {
            (Ok(value), _) | (_, Ok(value)) if value == settling => Self::known(settling),
            (Ok(_), Ok(_)) => Self::known(!settling),
            (Err(missing), Ok(_)) | (Ok(_), Err(missing)) => Self(Err(missing)),
            (Err(mut missing), Err(more)) => {
                missing.extend(more);
                missing.sort_unstable();
                missing.dedup();
                Self(Err(missing))
            }
        }
    }

    /// Whether it is known to be so.
    pub(super) fn is_yes(&self) -> bool {
        self.0 == Ok(true)
    }

    /// The outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.0 {
            Ok(true) => Outcome::Fired,
            Ok(false) => Outcome::NotFired,
            Err(_) => Outcome::CannotTell,
        }
    }

    /// What is missing; empty unless it cannot be told.
    #[must_use]
    pub fn missing(&self) -> &[Input] {
        self.0.as_ref().err().map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Answer; 3] {
        [Answer::known(true), Answer::known(false), Answer::needs(Input::Sex)]
    }

    #[test]
    fn truth_tables_are_kleenes() {
        use Outcome::{CannotTell as U, Fired as T, NotFired as F};
        let or = all().map(|a| all().map(|b| a.clone().or(b).outcome()));
        assert_eq!(or, [[T, T, T], [T, F, U], [T, U, U]]);
        let and = all().map(|a| all().map(|b| a.clone().and(b).outcome()));
        assert_eq!(and, [[T, F, U], [F, F, F], [U, F, U]]);
    }

    #[test]
    fn only_what_matters_is_missing() {
        let (yes, no) = (Answer::known(true), Answer::known(false));
        let (a, b) = (Answer::needs(Input::Weight), Answer::needs(Input::Sex));
        assert_eq!(a.clone().or(b.clone()).missing(), [Input::Sex, Input::Weight]);
        assert_eq!(a.clone().and(no.clone()).or(b.clone()).missing(), [Input::Sex]);
        assert!(a.clone().or(yes).missing().is_empty());
        assert!(a.and(no).missing().is_empty());
        assert_eq!(b.clone().or(b).missing(), [Input::Sex]);
    }
}
