//! The native half of the Python package `dxa`: JSON, CSV, tables and arrays out, everything else is Python.

mod analysis;
mod arrow;
mod image;
mod numbers;

use std::path::PathBuf;

use analysis::{Call, Wrong};
use arrow::Table;
use numpy::IntoPyArray as _;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Version of the package.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The document `dxa.analysis/1` of files, folders and bytes.
#[pyfunction]
fn analyze(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    objects: Vec<(String, Vec<u8>)>,
    profile: Option<String>,
    references: Vec<String>,
    context: Option<String>,
    corrections: Option<String>,
) -> PyResult<String> {
    let call = Call { paths, objects, profile, references, context, corrections };
    py.detach(|| analysis::document(call)).map_err(wrong)
}

/// The images of scans with their regions, one dictionary each.
#[pyfunction]
fn images<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    objects: Vec<(String, Vec<u8>)>,
    profile: Option<String>,
    corrections: Option<String>,
) -> PyResult<Bound<'py, PyList>> {
    let call = Call { paths, objects, profile, references: Vec::new(), context: None, corrections };
    let images = py.detach(|| image::of(call)).map_err(wrong)?;
    let dictionaries = images.into_iter().map(|image| {
        let dictionary = PyDict::new(py);
        dictionary.set_item("study", image.study)?;
        dictionary.set_item("scan", image.scan)?;
        dictionary.set_item("kind", image.kind)?;
        dictionary.set_item("quantity", image.quantity)?;
        dictionary.set_item("values", image.values.into_pyarray(py))?;
        dictionary.set_item("measured", image.measured.into_pyarray(py))?;
        dictionary.set_item("spacing_mm", image.spacing_mm)?;
        let masks = PyDict::new(py);
        for (site, mask) in image.masks {
            masks.set_item(site, mask.into_pyarray(py))?;
        }
        dictionary.set_item("masks", masks)?;
        Ok(dictionary)
    });
    PyList::new(py, dictionaries.collect::<PyResult<Vec<_>>>()?)
}

/// Six-point morphometry of a CSV text.
#[pyfunction]
fn grade(py: Python<'_>, text: &str) -> PyResult<String> {
    py.detach(|| numbers::graded(text)).map_err(wrong)
}

/// T- and Z-scores of the densities of a CSV text.
#[pyfunction]
fn score(py: Python<'_>, text: &str, profile: Option<String>, references: Vec<String>) -> PyResult<String> {
    py.detach(|| numbers::scored(text, profile.as_deref(), &references)).map_err(wrong)
}

/// The tables of a document.
#[pyfunction]
fn tables(py: Python<'_>, document: &str) -> PyResult<Vec<Table>> {
    py.detach(|| arrow::of(document)).map_err(wrong)
}

fn wrong(wrong: Wrong) -> PyErr {
    PyValueError::new_err(wrong.to_string())
}

/// The module.
#[pymodule]
fn _dxa(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(version, module)?)?;
    module.add_function(wrap_pyfunction!(analyze, module)?)?;
    module.add_function(wrap_pyfunction!(images, module)?)?;
    module.add_function(wrap_pyfunction!(grade, module)?)?;
    module.add_function(wrap_pyfunction!(score, module)?)?;
    module.add_function(wrap_pyfunction!(tables, module)?)?;
    module.add_class::<Table>()
}
