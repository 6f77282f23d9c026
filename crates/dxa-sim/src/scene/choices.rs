//! What a caller sets of a scene, read with its default and its range.

use crate::SimError;
use crate::settings::Settings;

impl Settings {
    /// A number from `low` to `high`.
    ///
    /// # Errors
    /// Anything else.
    pub(crate) fn number(
        &self,
        key: &str,
        [low, high]: [f64; 2],
        expected: &'static str,
    ) -> Result<Option<f64>, SimError> {
        let Some(value) = self.scene(key) else { return Ok(None) };
        let number = value.parse().ok().filter(|number| (low..=high).contains(number));
        number.map(Some).ok_or_else(|| bad(key, value, expected))
    }

    /// One of several names, each with its meaning.
    ///
    /// # Errors
    /// Any other name.
    pub(crate) fn choice<T: Copy>(
        &self,
        key: &str,
        names: &[(&str, T)],
        expected: &'static str,
    ) -> Result<Option<T>, SimError> {
        let Some(value) = self.scene(key) else { return Ok(None) };
        let found = names.iter().find(|(name, _)| *name == value).map(|(_, meaning)| *meaning);
        found.map(Some).ok_or_else(|| bad(key, value, expected))
    }

    /// A value that `read` understands.
    ///
    /// # Errors
    /// A value that it does not.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
        expected: &'static str,
    ) -> Result<Option<T>, SimError> {
        let Some(value) = self.scene(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| bad(key, value, expected))
    }
}

fn bad(key: &str, value: &str, expected: &'static str) -> SimError {
    SimError::BadSetting { key: key.to_owned(), value: value.to_owned(), expected }
}
