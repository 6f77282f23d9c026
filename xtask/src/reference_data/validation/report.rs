//! `VALIDATION.md`: what was read, left out, fitted and proved.

use std::fmt::Write as _;

use anyhow::Result;

use super::super::curve::KNOT_SPACING;
use super::super::nhanes::Cycle;
use super::super::plausibility::{Found, Rule};
use super::super::population::Population;
use super::super::sample::main_sites;
use super::super::table::Table;
use super::decades::Cell;
use super::held_out::{HeldOut, Panel};
use super::published::Comparison;
use super::{Evidence, Proof, plots};

/// How many scans or regions a rule found in each cycle.
pub(super) fn by_cycle(screened: &Found, rule: Rule) -> [usize; 3] {
    Cycle::ALL.map(|cycle| screened.get(&(rule, cycle)).copied().unwrap_or(0))
}

/// The whole report.
pub(super) fn markdown(evidence: &Evidence<'_>, proofs: &[Proof]) -> String {
    let sections = [
        HEAD.to_owned(),
        proof_section(proofs),
        DATA.to_owned(),
        screening_section(evidence.screened),
        counts_section(evidence.tables),
        published_section(&evidence.published),
        method_section(evidence),
        nearness_section(&evidence.cells),
        decade_section(&evidence.cells),
        held_out_section(&evidence.held_out),
        plot_section(),
        LIMITS.to_owned(),
    ];
    sections.join("\n")
}

const HEAD: &str = "\
# Validation of the NHANES tables

Written by `cargo xtask reference-data --nhanes DIR`; `--check` makes everything again and fails on any difference.
DIR holds `DEMO_x`, `DXXSPN_x` and `DXXFEM_x` of the cycles D (2005-06), E (2007-08) and H (2013-14) as `.csv.xz`; their checksums are in the sidecars.
";

const DATA: &str = "\
## What was read

Everybody with an examination weight above zero keeps a place in the design, so strata and sampling units are complete for every domain.
Each person has one record a file, nothing is imputed in the published spine and femur files, and nothing is imputed here; no multiple imputation is involved.
A vertebra counts when its own invalidity code is 0, the published spine total when all four do, the femur when its code is 0.
One region is taken as printed; several vertebrae and the total hip are ΣBMC/Σarea of the person.
Weights are WTMEC2YR, halved where two cycles are pooled.
Decades and the young-adult band go by completed years at the interview (RIDAGEYR), as in the published tables.
Curves go by the middle of the month of age at the examination (RIDAGEEX) where published, in 2013-14 by the middle of the completed year.
Ages are top-coded at 85 in 2005-06 and at 80 later; people at the top code have no age and enter no curve.
";

const LIMITS: &str = "\
## Limits

- A curve may be used in whole decades with at least 20 people at every site: 20 to below 80, and 40 to below 70 in the Asian table, where fewer are left with four valid vertebrae.
- The Asian table starts at 40, where its curve also starts: its first years rest on data from one side only; it rests on about 170 people a sex, and it has no young adults, so no T-score.
- Totals of the spine need four valid vertebrae; in 2013-14 more than a third of the scanned spines lack one, mostly by code 6 (degeneration, fusion, fracture), so totals of older people describe the healthier spines.
- The SD curves of women are straight lines in log SD: the largest penalty predicted left-out people best.
  In the small groups single decades then differ from the curve by up to a quarter (Mexican American women 40–49 vary less than drawn); the two large tables stay within a tenth.
- Curves below 20 were fitted only to hold the curve at 20; they are not given out, for scores of children need their height and maturity.
- Hologic densitometers (2005-2008: QDR-4500A, spines analyzed with APEX 3.0); other makers need tables of their own.
";

fn proof_section(proofs: &[Proof]) -> String {
    let mut text = "## What must hold\n\n| claim | found | holds |\n|---|---|---|\n".to_owned();
    for proof in proofs {
        let holds = if proof.holds { "yes" } else { "**no**" };
        let _ = writeln!(text, "| {} | {} | {holds} |", proof.claim, proof.found);
    }
    text
}

fn screening_section(screened: &Found) -> String {
    let mut text = "## Records flagged or left out\n\nNumbers of scans or regions, all ages examined, rules in the order applied.\n\n\
                    | rule | 2005-06 | 2007-08 | 2013-14 | what it says |\n|---|---|---|---|---|\n"
        .to_owned();
    for rule in Rule::ALL {
        let [d, e, h] = by_cycle(screened, rule);
        let _ = writeln!(text, "| `{}` | {d} | {e} | {h} | {} |", rule.name(), rule.sentence());
    }
    text
}

fn counts_section(tables: &[Table]) -> String {
    let mut text = "## People in the tables\n\n\
                    | table | sex | site | young adults | young mean (SD), g/cm² | in the curve |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for table in tables {
        for entry in table.entries.iter().filter(|entry| main_sites().contains(&entry.site)) {
            let young = entry.young.map_or_else(
                || "none | ".to_owned(),
                |young| format!("{} | {:.4} ({:.4})", young.n, young.mean, young.sd),
            );
            let (id, sex) = (table.population.id(), entry.sex.code());
            let _ = writeln!(text, "| {id} | {sex} | {} | {young} | {} |", entry.site, entry.curve.n);
        }
    }
    text
}

fn published_section(comparisons: &[Comparison]) -> String {
    let mut text = "## The published decade table\n\n\
        Looker et al., Vital Health Stat 11(251), 2012, read through PMC12995607 table 3 and PMC9403581 tables 1 and 5.\n\
        It was made from the totals as released, so these are compared; ours from ΣBMC/Σarea differ where a total contradicts its parts.\n\
        The 50+ and 60+ rows of PMC9403581 come from another source and are not compared.\n\n\
        | population | sex | site | years | published | released totals | difference | ΣBMC/Σarea |\n|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in comparisons {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {}–{} | {:.3}, {:.3} | {:.4}, {:.4} | {:+.4}, {:+.4} | {:.4}, {:.4} |",
            row.population.label(),
            row.sex.code(),
            row.site,
            row.from,
            row.from + 9,
            row.published.mean,
            row.published.sd,
            row.released.mean,
            row.released.sd,
            row.released.mean - row.published.mean,
            row.released.sd - row.published.sd,
            row.summed.mean,
            row.summed.sd,
        );
    }
    text
}

fn method_section(evidence: &Evidence<'_>) -> String {
    let mut text = format!(
        "## The curves\n\n\
         Mean: weighted cubic B-splines with equal knots near every {KNOT_SPACING:.0} years and a penalty λ on second differences of the coefficients (P-splines).\n\
         SD: the same splines for the log of the variance, fitted to the squared residuals by Gamma likelihood.\n\
         λ: of 25 values from 1 to 10⁶, the one that best predicts sampling units left out of the fit (ten folds), summed over the sites of the region and over the three disjoint populations; one for spine and one for femur in each sex.\n\
         Knots and effective degrees of freedom of every curve are in `validation-curves.csv`.\n\n\
         | sex | region | λ mean | λ log variance |\n|---|---|---|---|\n"
    );
    for ((sex, region), chosen) in evidence.penalties {
        let _ = writeln!(
            text,
            "| {} | {region:?} | 10^{:.2} | 10^{:.2} |",
            sex.code(),
            chosen.mean.log10(),
            chosen.variance.log10()
        );
    }
    text.push_str("\n| table | sex | effective degrees of freedom of the mean (SD) at L1-L4, femoral neck, total hip |\n|---|---|---|\n");
    for table in evidence.tables {
        for (sex, freedoms) in freedoms(table) {
            let _ = writeln!(text, "| {} | {sex} | {freedoms} |", table.population.id());
        }
    }
    text
}

fn freedoms(table: &Table) -> Vec<(&'static str, String)> {
    use dxa_core::patient::Sex::{Female, Male};
    [Female, Male]
        .map(|sex| {
            let one = |site| {
                let curve = &table.entry(sex, site)?.curve;
                Some(format!("{:.1} ({:.1})", curve.mean.freedom, curve.sd_freedom()))
            };
            (sex.code(), main_sites().into_iter().filter_map(one).collect::<Vec<_>>().join(", "))
        })
        .to_vec()
}

fn nearness_section(cells: &[Cell]) -> String {
    let mut text = "## How near the curves are to the decades, all sites\n\n\
        | table | decades | mean within one SE | smallest and largest SD of Z |\n|---|---|---|---|\n"
        .to_owned();
    for population in Population::ALL {
        let own = || cells.iter().filter(|cell| cell.population == population);
        let within = own().filter(|cell| cell.errors_off().abs() <= 1.0).count();
        let low = own().map(|cell| cell.z_sd.value).fold(f64::INFINITY, f64::min);
        let high = own().map(|cell| cell.z_sd.value).fold(0.0, f64::max);
        let _ =
            writeln!(text, "| {} | {} | {within} | {low:.2}, {high:.2} |", population.id(), own().count());
    }
    text
}

fn decade_section(cells: &[Cell]) -> String {
    let mut text = "## Decade means and the curves\n\n\
        Standard errors are Taylor-linearized from strata and sampling units.\n\
        `off` is the curve's mean over the same people minus the decade mean, in standard errors; `SD of Z` is that of the Z-scores the curve gives them, with its standard error.\n\
        Here L1-L4, femoral neck and total hip; all sites are in `validation-decades.csv`.\n\n\
        | table | sex | site | years | n | mean (SE) | SD (SE) | off | SD of Z |\n|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for cell in cells.iter().filter(|cell| main_sites().contains(&cell.site)) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {}–{} | {} | {:.4} ({:.4}) | {:.4} ({:.4}) | {:+.2} | {:.2} ± {:.2} |",
            cell.population.id(),
            cell.sex.code(),
            cell.site,
            cell.from,
            cell.from + 9,
            cell.n,
            cell.mean.value,
            cell.mean.error,
            cell.sd.value,
            cell.sd.error,
            cell.errors_off(),
            cell.z_sd.value,
            cell.z_sd.error,
        );
    }
    text
}

fn held_out_section(held_out: &HeldOut) -> String {
    let mut text = format!(
        "## 2007-08 scored with 2005-06\n\n\
         Non-Hispanic White adults of completed years 20 to 79; curves and their λ from 2005-06 alone.\n\
         Intervals are 95 % with t = {:.3} ({} degrees of freedom).\n\
         `shift` is the decade's mean minus the pooled mean.\n\
         Its first interval counts the sampling error of 2007-08 alone; the second also that of the table, which is a sample of the same size and as uncertain.\n\n\
         | sex | site | years | n | mean Z | SD of Z | shift | interval, 2007-08 alone | interval, both |\n\
         |---|---|---|---|---|---|---|---|---|\n",
        held_out.t, held_out.degrees
    );
    for panel in &held_out.panels {
        text.push_str(&panel_rows(panel, held_out.t));
    }
    text
}

fn panel_rows(panel: &Panel, t: f64) -> String {
    let interval = |center: f64, half: f64| format!("{:+.2} to {:+.2}", center - half, center + half);
    let (sex, site) = (panel.sex.code(), panel.site);
    let pooled = interval(panel.mean.value, t * panel.mean.error);
    let mut text = format!(
        "| {sex} | {site} | **20–79** | {} | **{:+.3}** ({pooled}) | **{:.3}** | | | |\n",
        panel.scores.len(),
        panel.mean.value,
        panel.sd.value
    );
    for decade in &panel.decades {
        let (shift, alone) = (decade.shift.value, interval(decade.shift.value, t * decade.shift.error));
        let _ = writeln!(
            text,
            "| {sex} | {site} | {}–{} | {} | {:+.3} ({}) | {:.3} ± {:.3} | {shift:+.3} | {alone} | {} |",
            decade.from,
            decade.from + 9,
            decade.n,
            decade.mean.value,
            interval(decade.mean.value, t * decade.mean.error),
            decade.sd.value,
            t * decade.sd.error,
            interval(shift, t * decade.full_error()),
        );
    }
    text
}

fn plot_section() -> String {
    let mut text = "## Plots\n\n\
        Points are people, red bars decade means with one standard error, lines the curve and ±1 and ±2 SD, the dashed line the young-adult mean.\n\n"
        .to_owned();
    for population in Population::ALL {
        let (label, people, sites) =
            (population.label(), plots::people_path(population), plots::sites_path(population));
        let _ =
            writeln!(text, "![{label}: curves over people]({people})\n\n![{label}: all sites]({sites})\n");
    }
    let _ = writeln!(text, "![Z-scores of 2007-08 by decade]({})", plots::HELD_OUT);
    text
}

/// Knots, penalties, effective degrees of freedom and number of people of every curve.
///
/// # Errors
/// None in practice: the writer writes to memory.
pub(super) fn curves_csv(tables: &[Table]) -> Result<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    writer.write_record([
        "table",
        "sex",
        "site",
        "n",
        "lambda_mean",
        "edf_mean",
        "lambda_log_variance",
        "edf_log_variance",
        "knots",
    ])?;
    for table in tables {
        for entry in &table.entries {
            let curve = &entry.curve;
            let knots: Vec<String> =
                curve.mean.basis.knots().iter().map(|knot| format!("{knot:.2}")).collect();
            writer.write_record([
                table.population.id().to_owned(),
                entry.sex.code().to_owned(),
                entry.site.to_string(),
                curve.n.to_string(),
                format!("{:.2}", curve.smoothness.mean),
                format!("{:.2}", curve.mean.freedom),
                format!("{:.2}", curve.smoothness.variance),
                format!("{:.2}", curve.sd_freedom()),
                knots.join(" "),
            ])?;
        }
    }
    Ok(writer.into_inner()?)
}
