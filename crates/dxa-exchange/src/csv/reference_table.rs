//! An inferred reference as the two files of a table: rows and provenance, ready for the loader.

use dxa_core::reference::infer::Inferred;
use dxa_core::reference::{Device, sha256_hex};
use toml::Value;

use super::fixed;
use super::printed::Source;

/// The files of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFiles {
    /// Id: the name of both files without ending.
    pub id: String,
    /// The rows.
    pub csv: String,
    /// The sidecar.
    pub toml: String,
}

/// The table of what is in force at the end of an archive; `None` when nothing could be inferred.
///
/// `dates` gives first and last date of the archive, where known.
#[must_use]
pub fn table_files(
    source: &Source,
    inferred: &[Inferred],
    dates: Option<(&str, &str)>,
) -> Option<TableFiles> {
    let rows: Vec<String> = inferred.iter().flat_map(rows).collect();
    if rows.is_empty() {
        return None;
    }
    let csv = format!("kind,sex,site,age_min,age_max,n,mean,sd,l,m,s\n{}\n", rows.join("\n"));
    let id = id(source);
    let toml = sidecar(source, &id, &csv, inferred, dates);
    Some(TableFiles { id, csv, toml })
}

fn rows(of: &Inferred) -> Vec<String> {
    let site = match of.site.to_string() {
        code if code.contains(',') => format!("\"{code}\""),
        code => code,
    };
    let start = format!("{},{site}", of.sex.code());
    let young = of.young.last().and_then(|period| period.found.as_ref().ok());
    let young =
        young.map(|found| format!("young,{start},,,,{},{},,,", fixed(found.mean, 4), fixed(found.sd, 4)));
    let curve = of.curve.as_ref().and_then(|curve| curve.as_ref().ok());
    let knots = curve.into_iter().flat_map(|curve| &curve.points).map(|point| {
        let age = fixed(point.age, 0);
        format!("knot,{start},{age},{age},,{},{},,,", fixed(point.mean, 4), fixed(point.sd, 4))
    });
    young.into_iter().chain(knots).collect()
}

fn sidecar(
    source: &Source,
    id: &str,
    csv: &str,
    inferred: &[Inferred],
    dates: Option<(&str, &str)>,
) -> String {
    let device = Device::from_texts(Some(&source.manufacturer), None, None);
    let named = if source.reference.is_empty() { "not named" } else { &source.reference };
    let period = dates.map(|(from, to)| format!(" of {from} to {to}")).unwrap_or_default();
    let mut fields: Vec<(&str, Value)> = vec![
        ("id", id.into()),
        ("version", "1".into()),
        ("status", "site-inferred".into()),
        ("population", format!("reference of the device ({named})").into()),
        ("manufacturer", device.maker.map_or("unknown", |maker| maker.code()).into()),
        ("unit", "g/cm2".into()),
        ("citation", format!("Inferred from printed scores{period}").into()),
        ("where_read", "densities and scores printed by the device; see derivation".into()),
        ("licence", "the clinic's own results; not for publication".into()),
        ("notes", note(source).into()),
        ("sha256", sha256_hex(csv.as_bytes()).into()),
    ];
    if let Some(ethnicity) = source.ethnicity {
        fields.push(("ethnicity", ethnicity.code().into()));
    }
    let list = |text: &str| Value::Array(vec![text.into()]);
    if !source.model.is_empty() {
        fields.push(("models", list(&source.model)));
    }
    // A version that holds no number could never be compared with a device's.
    if source.software.contains(|c: char| c.is_ascii_digit()) {
        fields.push(("software", list(&source.software)));
    }
    if !source.reference.is_empty() {
        fields.push(("device_tags", list(&source.reference)));
    }
    let lines: String = fields.iter().map(|(field, value)| format!("{field} = {value}\n")).collect();
    format!("{lines}\n[derivation]\n{}", derivation(inferred))
}

fn note(source: &Source) -> String {
    let device = if source.device.is_empty() { "not named" } else { &source.device };
    format!(
        "Device {device}. Valid for this device and its software as long as its reference is not changed."
    )
}

/// One line a series: what it rests on.
fn derivation(inferred: &[Inferred]) -> String {
    let mut lines =
        "method = \"mean and standard deviation that give every printed score, rounding allowed; \
                     center of all that do\"\n"
            .to_owned();
    for of in inferred {
        let key = |score: &str| format!("{}-{}-{}", of.sex.code(), of.site, score);
        if let Some(Ok(young)) = of.young.last().map(|period| &period.found) {
            let text = format!(
                "{} scans, mean {} to {}, SD {} to {}, largest residual {}",
                young.scans,
                fixed(young.mean_range.0, 4),
                fixed(young.mean_range.1, 4),
                fixed(young.sd_range.0, 4),
                fixed(young.sd_range.1, 4),
                fixed(young.max_residual, 4),
            );
            lines += &format!("{} = {}\n", Value::from(key("T")), Value::from(text));
        }
        if let Some(Ok(curve)) = &of.curve {
            let text = format!(
                "{} scans, {} numbers fitted, largest residual {}",
                curve.scans,
                curve.parameters,
                fixed(curve.max_residual, 4),
            );
            lines += &format!("{} = {}\n", Value::from(key("Z")), Value::from(text));
        }
    }
    lines
}

/// `site-` and what tells the source from others, in letters, digits and hyphens.
fn id(source: &Source) -> String {
    let ethnicity = source.ethnicity.map(|ethnicity| ethnicity.code()).unwrap_or_default();
    let model = if source.device.is_empty() { &source.model } else { &source.device };
    let parts = [model.as_str(), &source.software, &source.reference, ethnicity];
    let words = parts.iter().flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()));
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    if words.is_empty() { "site-device".to_owned() } else { format!("site-{}", words.join("-")) }
}
