//! Statements that go to the index together, so that a thread is woken once for all of them.

use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection};

use super::{Engine, Error};

/// What stands for a `$n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&Option<String>> for Value {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

/// Statements in their order; each counts its own parameters from `$1`.
#[derive(Debug, Default)]
pub(crate) struct Script(Vec<(&'static str, Vec<Value>)>);

impl Script {
    /// Adds a statement. Few different sequences of them should be run: each is kept prepared.
    pub(crate) fn add<const N: usize>(&mut self, statement: &'static str, values: [Value; N]) {
        self.0.push((statement, values.into()));
    }

    /// Runs all of them, and gives what they return, one after the other.
    ///
    /// # Errors
    /// When the index does not answer or does not take one of them.
    pub(crate) async fn run(
        self,
        engine: Engine,
        connection: &mut AnyConnection,
    ) -> Result<Vec<AnyRow>, Error> {
        let mut rows = Vec::new();
        for (text, values) in self.questions(engine) {
            let query = sqlx::query::<Any>(sqlx::AssertSqlSafe(text));
            let query = values.into_iter().fold(query, |query, value| match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            });
            rows.extend(query.fetch_all(&mut *connection).await?);
        }
        Ok(rows)
    }

    /// A server takes one statement with parameters at a time; SQLite takes several, which share their parameters.
    fn questions(self, engine: Engine) -> Vec<(String, Vec<Value>)> {
        if engine == Engine::Postgres {
            return self.0.into_iter().map(|(text, values)| (text.to_owned(), values)).collect();
        }
        let (mut text, mut values) = (String::new(), Vec::new());
        for (statement, own) in self.0 {
            if !text.is_empty() {
                text.push_str("; ");
            }
            renumber(&mut text, statement, values.len());
            values.extend(own);
        }
        if text.is_empty() { Vec::new() } else { vec![(text, values)] }
    }
}

/// Appends a statement with `$1` as `$(1 + before)`.
fn renumber(text: &mut String, statement: &str, before: usize) {
    let mut parts = statement.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or_default();
        text.push_str(&format!("${}", number + before));
        text.push_str(&part[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_on_for_sqlite_and_anew_for_a_server() {
        let script = || {
            let mut script = Script::default();
            script.add("INSERT INTO a VALUES ($1, $2, $2)", ["x".into(), 7.into()]);
            script.add("UPDATE b SET c = $1 WHERE d = $10", [Value::Number(None)]);
            script
        };
        let together = script().questions(Engine::Sqlite);
        assert_eq!(together[0].0, "INSERT INTO a VALUES ($1, $2, $2); UPDATE b SET c = $3 WHERE d = $12");
        assert_eq!(together[0].1, [Value::from("x"), Value::from(7), Value::Number(None)]);
        assert_eq!(script().questions(Engine::Postgres).len(), 2);
        assert!(Script::default().questions(Engine::Sqlite).is_empty());
    }
}
