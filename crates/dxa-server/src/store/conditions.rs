//! Conditions of a statement: text with numbered parameters, values always bound and never written into the text.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::database::Database;

enum Bound {
    Text(String),
    Number(i64),
}

/// Conditions that all must hold.
#[derive(Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Bound>,
}

impl Conditions {
    /// The rows of a statement that holds [`Self::text`].
    pub(super) async fn rows(&self, database: &Database, text: String) -> Result<Vec<AnyRow>, sqlx::Error> {
        self.rows_in(database.read(), text).await
    }

    /// The same inside a transaction.
    pub(super) async fn rows_in<'c>(
        &self,
        executor: impl sqlx::Executor<'c, Database = sqlx::Any>,
        text: String,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let mut query = sqlx::query(AssertSqlSafe(text));
        for value in &self.values {
            query = match value {
                Bound::Text(text) => query.bind(text.clone()),
                Bound::Number(number) => query.bind(*number),
            };
        }
        query.fetch_all(executor).await
    }

    pub(super) fn text(&self) -> String {
        if self.parts.is_empty() { String::new() } else { format!("WHERE {}", self.parts.join(" AND ")) }
    }

    fn bind(&mut self, value: Bound) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    pub(super) fn text_is(&mut self, column: &str, value: Option<&String>) {
        let Some(value) = value else { return };
        let holder = self.bind(Bound::Text(value.clone()));
        self.parts.push(format!("{column} = {holder}"));
    }

    pub(super) fn number(&mut self, column: &str, value: Option<i64>) {
        let Some(value) = value else { return };
        let holder = self.bind(Bound::Number(value));
        self.parts.push(format!("{column} {holder}"));
    }

    pub(super) fn one_of(&mut self, column: &str, values: &[String]) {
        if values.is_empty() {
            return;
        }
        let holders: Vec<String> = values.iter().map(|value| self.bind(Bound::Text(value.clone()))).collect();
        self.parts.push(format!("{column} IN ({})", holders.join(", ")));
    }

    pub(super) fn inside(&mut self, select: &str, value: Option<&String>) {
        let Some(value) = value else { return };
        let holder = self.bind(Bound::Text(value.clone()));
        self.parts.push(format!("EXISTS ({select} {holder})"));
    }

    /// Exact without wildcards, so that an index serves it.
    pub(super) fn like(&mut self, column: &str, value: Option<&String>, fold: bool) {
        let Some(value) = value else { return };
        let has_wildcard = value.contains(['*', '?']);
        if !has_wildcard && !fold {
            return self.text_is(column, Some(value));
        }
        let escaped: String = value.chars().fold(String::new(), |mut pattern, letter| {
            match letter {
                '*' => pattern.push('%'),
                '?' => pattern.push('_'),
                '%' | '_' | '!' => pattern.extend(['!', letter]),
                other => pattern.push(other),
            }
            pattern
        });
        let pattern = if fold { escaped.to_lowercase() } else { escaped };
        let holder = self.bind(Bound::Text(pattern));
        let column = if fold { format!("LOWER({column})") } else { column.to_owned() };
        self.parts.push(format!("{column} LIKE {holder} ESCAPE '!'"));
    }

    pub(super) fn range(&mut self, column: &str, value: Option<&String>) {
        let Some(value) = value else { return };
        let Some((from, to)) = value.split_once('-') else { return self.text_is(column, Some(value)) };
        for (bound, sign) in [(from, ">="), (to, "<=")] {
            if !bound.is_empty() {
                let holder = self.bind(Bound::Text(bound.to_owned()));
                self.parts.push(format!("{column} {sign} {holder}"));
            }
        }
    }

    /// A column against a text, by a sign such as `>=`.
    pub(super) fn compare(&mut self, column: &str, sign: &str, value: &str) {
        let holder = self.bind(Bound::Text(value.to_owned()));
        self.parts.push(format!("{column} {sign} {holder}"));
    }

    /// Two comparisons of columns with texts do not both hold.
    pub(super) fn not_both(&mut self, one: (&str, &str, &str), other: (&str, &str, &str)) {
        let [one, other] = [one, other].map(|(column, sign, value)| {
            let holder = self.bind(Bound::Text(value.to_owned()));
            format!("{column} {sign} {holder}")
        });
        self.parts.push(format!("NOT ({one} AND {other})"));
    }

    pub(super) fn is_null(&mut self, column: &str, is: bool) {
        self.parts.push(format!("{column} IS {}NULL", if is { "" } else { "NOT " }));
    }

    /// At least one of several conditions, each added by `add`; nothing where there are none.
    pub(super) fn any<T>(&mut self, of: &[T], add: impl Fn(&mut Self, &T)) {
        let before = std::mem::take(&mut self.parts);
        let mut texts = Vec::new();
        for one in of {
            add(self, one);
            texts.push(std::mem::take(&mut self.parts).join(" AND "));
        }
        self.parts = before;
        if !texts.is_empty() {
            self.parts.push(format!("({})", texts.join(" OR ")));
        }
    }

    /// A column is one of what a statement gives under conditions of its own.
    pub(super) fn within(&mut self, column: &str, select: &str, add: impl Fn(&mut Self)) {
        let before = std::mem::take(&mut self.parts);
        add(self);
        let inside = self.text();
        self.parts = before;
        self.parts.push(format!("{column} IN ({select} {inside})"));
    }
}
