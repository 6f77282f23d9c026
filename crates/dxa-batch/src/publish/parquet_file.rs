//! A table as Parquet: typed columns, all of them optional, in row groups of one size.

use std::io;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use super::atomic::Draft;
use super::{Rows, dictionary};
use crate::journal::SCHEMA;
use crate::layout::{Field, Layout};
use dxa_exchange::tables::column::{Cell, Kind, days};

/// Rows that wait in memory and are written together.
const GROUP: usize = 16_384;

pub(super) struct ParquetFile {
    writer: SerializedFileWriter<Draft>,
    waiting: Vec<Waiting>,
    rows: u64,
}

/// The values of one column, and for each row whether it has one.
struct Waiting {
    there: Vec<i16>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Number(Vec<f64>),
    Integer(Vec<i64>),
    Flag(Vec<bool>),
    Date(Vec<i32>),
}

impl ParquetFile {
    pub(super) fn new(folder: &Path, layout: &Layout) -> io::Result<Self> {
        let draft = Draft::new(folder, &format!("{}.parquet", layout.name))?;
        let fields = layout.fields.iter().map(field).collect::<Result<Vec<TypePtr>, _>>().map_err(other)?;
        let schema = Type::group_type_builder(&layout.name).with_fields(fields).build().map_err(other)?;
        let note = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
        let notes = vec![note("schema", SCHEMA.to_owned()), note("dictionary", dictionary::json(layout)?)];
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("dxa".to_owned())
            .set_key_value_metadata(Some(notes))
            .build();
        let writer =
            SerializedFileWriter::new(draft, Arc::new(schema), Arc::new(properties)).map_err(other)?;
        let waiting = layout.fields.iter().map(|field| Waiting::new(field.column.content.kind())).collect();
        Ok(Self { writer, waiting, rows: 0 })
    }

    fn group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.waiting {
            let Some(mut writer) = group.next_column()? else { break };
            column.write(writer.untyped())?;
            writer.close()?;
        }
        group.close()?;
        Ok(())
    }
}

impl Rows for ParquetFile {
    fn put(&mut self, row: &[Cell]) -> io::Result<()> {
        for (column, cell) in self.waiting.iter_mut().zip(row) {
            column.put(cell.as_deref());
        }
        self.rows += 1;
        if self.rows.is_multiple_of(GROUP as u64) {
            self.group().map_err(other)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<(Draft, u64)> {
        if self.waiting.first().is_some_and(|column| !column.there.is_empty()) {
            self.group().map_err(other)?;
        }
        Ok((self.writer.into_inner().map_err(other)?, self.rows))
    }
}

impl Waiting {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Number => Values::Number(Vec::new()),
            Kind::Integer => Values::Integer(Vec::new()),
            Kind::Flag => Values::Flag(Vec::new()),
            Kind::Date => Values::Date(Vec::new()),
        };
        Self { there: Vec::new(), values }
    }

    /// A value that is none of its type is null.
    fn put(&mut self, cell: Option<&str>) {
        let there = cell.is_some_and(|text| self.values.put(text));
        self.there.push(i16::from(there));
    }

    fn write(&mut self, writer: &mut ColumnWriter<'_>) -> Result<(), ParquetError> {
        let there = Some(self.there.as_slice());
        match (writer, &mut self.values) {
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(values)) => {
                writer.write_batch(values, there, None)?;
                values.clear();
            }
            (ColumnWriter::DoubleColumnWriter(writer), Values::Number(values)) => {
                writer.write_batch(values, there, None)?;
                values.clear();
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Integer(values)) => {
                writer.write_batch(values, there, None)?;
                values.clear();
            }
            (ColumnWriter::BoolColumnWriter(writer), Values::Flag(values)) => {
                writer.write_batch(values, there, None)?;
                values.clear();
            }
            (ColumnWriter::Int32ColumnWriter(writer), Values::Date(values)) => {
                writer.write_batch(values, there, None)?;
                values.clear();
            }
            _ => return Err(ParquetError::General("a column is of another type than its schema".to_owned())),
        }
        self.there.clear();
        Ok(())
    }
}

impl Values {
    fn put(&mut self, text: &str) -> bool {
        fn keep<T>(values: &mut Vec<T>, value: Option<T>) -> bool {
            let there = value.is_some();
            values.extend(value);
            there
        }
        match self {
            Self::Text(values) => keep(values, Some(ByteArray::from(text))),
            Self::Number(values) => keep(values, text.parse().ok()),
            Self::Integer(values) => keep(values, text.parse().ok()),
            Self::Flag(values) => keep(values, text.parse().ok()),
            Self::Date(values) => keep(values, days(text)),
        }
    }
}

fn field(field: &Field) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match field.column.content.kind() {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Integer => (Physical::INT64, None),
        Kind::Flag => (Physical::BOOLEAN, None),
        Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
    };
    let builder = Type::primitive_type_builder(&field.name, physical);
    let built = builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical).build()?;
    Ok(Arc::new(built))
}

/// A disk that is full must be known as such to whoever asked.
fn other(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(io) => *io,
            Err(inner) => io::Error::other(inner.to_string()),
        },
        other => io::Error::other(other.to_string()),
    }
}
