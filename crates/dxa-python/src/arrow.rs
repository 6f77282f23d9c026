//! The tables of `dxa batch`, made of a document, in the memory layout of Apache Arrow.
//!
//! Whoever speaks the Arrow PyCapsule interface takes their buffers as they are: no value is copied.

use std::collections::HashMap;
use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, RecordBatchIterator,
    StringArray,
};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use dxa_exchange::tables::column::{Cell, Column, Kind, days};
use dxa_exchange::tables::{TABLES, document};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::analysis::Wrong;

/// Names of the capsules in the Arrow PyCapsule interface.
const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// One table; `pyarrow.table`, `polars.DataFrame` and others take it without copying it.
#[pyclass(frozen, module = "dxa")]
pub(crate) struct Table {
    /// Its name.
    #[pyo3(get)]
    name: &'static str,
    batch: RecordBatch,
}

#[pymethods]
impl Table {
    /// The rows; a wish for other types is not met, as the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let reader = RecordBatchIterator::new([Ok(self.batch.clone())], self.batch.schema());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
    }

    /// Names and types of the columns.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.batch.schema().as_ref());
        let schema = schema.map_err(|error| PyValueError::new_err(error.to_string()))?;
        PyCapsule::new_with_value(py, schema, SCHEMA)
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    fn __repr__(&self) -> String {
        let (rows, columns) = (self.batch.num_rows(), self.batch.num_columns());
        format!("<dxa.Table {}: {rows} rows, {columns} columns>", self.name)
    }
}

/// Every table of a document.
pub(crate) fn of(document: &str) -> Result<Vec<Table>, Wrong> {
    let all = document::rows(document.as_bytes()).map_err(Wrong::because)?;
    let tables = TABLES.iter().zip(&all);
    let made =
        tables.map(|(table, rows)| Ok(Table { name: table.name, batch: batch(table.columns(), rows)? }));
    made.collect::<Result<_, ArrowError>>().map_err(Wrong::because)
}

fn batch(columns: &[Column], rows: &[Vec<Cell>]) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<Field> = columns.iter().map(field).collect();
    let values = columns.iter().enumerate().map(|(at, column)| {
        let cells = rows.iter().map(|row| row[at].as_deref());
        array(column.content.kind(), cells)
    });
    RecordBatch::try_new(Arc::new(Schema::new(fields)), values.collect())
}

fn field(column: &Column) -> Field {
    let kind = match column.content.kind() {
        Kind::Text => DataType::Utf8,
        Kind::Number => DataType::Float64,
        Kind::Integer => DataType::Int64,
        Kind::Flag => DataType::Boolean,
        Kind::Date => DataType::Date32,
    };
    let notes = [("unit", column.unit), ("meaning", column.meaning)];
    let notes = notes.into_iter().filter(|(_, note)| !note.is_empty());
    let notes: HashMap<String, String> =
        notes.map(|(name, note)| (name.to_owned(), note.to_owned())).collect();
    Field::new(column.name, kind, true).with_metadata(notes)
}

/// Values of one kind; a value that is none of its kind is null, as in Parquet.
fn array<'r>(kind: Kind, cells: impl Iterator<Item = Option<&'r str>>) -> ArrayRef {
    match kind {
        Kind::Text => Arc::new(cells.collect::<StringArray>()),
        Kind::Number => Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<Float64Array>()),
        Kind::Integer => Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<Int64Array>()),
        Kind::Flag => Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<BooleanArray>()),
        Kind::Date => Arc::new(cells.map(|cell| days(cell?)).collect::<Date32Array>()),
    }
}
