//! The command `dxa`: thin wrappers around the library, exit codes, and what goes to which stream.

mod account;
mod analyze;
mod audit;
mod batch;
mod demo;
mod grade;
mod outcome;
mod precision;
mod progress;
mod reference;
mod score;
mod scoring;
mod serve;
mod simulate;
mod store;
mod streams;
mod token;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use outcome::Outcome;

/// Bone densitometry: reads DXA and lateral spine DICOM, scores it against named references.
#[derive(Parser)]
#[command(name = "dxa", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Analyze files and folders, grouped by study.
    Analyze(analyze::Options),
    /// Reprocess an archive into tables.
    Batch(batch::Options),
    /// How far the numbers of a run agree with those of the devices, or of a reader.
    Validate(validate::Options),
    /// Grades of vertebrae from the six points of each in a CSV file.
    Grade(grade::Options),
    /// T- and Z-scores of numbers in a CSV file.
    Score(score::Options),
    /// Precision and least significant change from repeat scans in a CSV file.
    Precision(precision::Options),
    /// The reference tables: list, show, check, or infer a device's own from its printed scores.
    #[command(subcommand)]
    Reference(reference::Command),
    /// Write synthetic scans with exact truth beside them.
    Simulate(simulate::Options),
    /// Run the service.
    Serve(serve::Options),
    /// Run the service on a store of its own that has synthetic scans in it already.
    Demo(demo::Options),
    /// The store of the service: back up, restore, check.
    #[command(subcommand)]
    Store(store::Command),
    /// Accounts of the service.
    #[command(subcommand)]
    Account(account::Command),
    /// Tokens of machines that use the service.
    #[command(subcommand)]
    Token(token::Command),
    /// The audit trail of the service.
    #[command(subcommand)]
    Audit(audit::Command),
}

fn main() -> ExitCode {
    start_log();
    let outcome = match Arguments::parse().command {
        Command::Analyze(options) => analyze::run(&options),
        Command::Batch(options) => batch::run(&options),
        Command::Validate(options) => validate::run(&options),
        Command::Grade(options) => grade::run(&options),
        Command::Score(options) => score::run(&options),
        Command::Precision(options) => precision::run(&options),
        Command::Reference(command) => reference::run(&command),
        Command::Simulate(options) => simulate::run(&options),
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Store(command) => store::run(&command),
        Command::Account(command) => account::run(&command),
        Command::Token(command) => token::run(&command),
        Command::Audit(command) => audit::run(&command),
    };
    outcome
        .unwrap_or_else(|error| {
            outcome::complain(&error);
            Outcome::WrongUsage
        })
        .into()
}

/// Logs go to stderr, so that stdout holds the result and nothing else.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
