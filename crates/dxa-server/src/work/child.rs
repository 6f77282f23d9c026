//! An analysis in a process of its own, so that a defect can cost one study and never the service.
//!
//! The child reads one task and its objects from standard input and writes one outcome to standard output,
//! as frames.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use dxa_exchange::frames;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::analysis::{self, Encoded, Outcome, STACK_BYTES, Task, Unanalyzed};

/// Who analyzes.
#[derive(Clone, Debug)]
pub enum Analyst {
    /// A thread of this process: for tests of everything else.
    Thread,
    /// A child process that calls [`serve_one`].
    Child {
        /// The program.
        program: PathBuf,
        /// What makes it call [`serve_one`].
        arguments: Vec<String>,
        /// Address space it may have, bytes.
        memory_bytes: u64,
    },
}

/// Why an attempt brought no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// The study itself; another attempt brings the same.
    #[error("{0}")]
    Study(String),
    /// Longer than it may take.
    #[error("the analysis took longer than {0} s")]
    Deadline(u64),
    /// The process ended by itself: memory, stack, or a defect.
    #[error("the analysis ended without a result; it may have needed too much memory")]
    Ended,
}

impl Analyst {
    /// Analyzes one study within `deadline`.
    pub(super) async fn analyze(
        &self,
        task: Task,
        objects: Vec<Vec<u8>>,
        deadline: Duration,
    ) -> Result<Outcome, Broken> {
        let attempt = async {
            match self {
                Self::Thread => in_thread(task, objects).await,
                Self::Child { program, arguments, memory_bytes } => {
                    in_child(Command::new(program).args(arguments), *memory_bytes, &task, &objects).await
                }
            }
        };
        tokio::time::timeout(deadline, attempt).await.map_err(|_| Broken::Deadline(deadline.as_secs()))?
    }
}

/// The child's side: one task from `input`, one outcome to `output`.
///
/// # Errors
/// When one of them breaks.
pub fn serve_one(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let head: Head = serde_json::from_slice(&frames::read(&mut input)?)?;
    limit_memory(head.memory_bytes);
    let mut objects = Vec::with_capacity(head.objects);
    for _ in 0..head.objects {
        objects.push(frames::read(&mut input)?);
    }
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES);
    let outcome = worker.spawn(move || analysis::run(&head.task, &objects))?.join();
    let outcome = outcome.map_err(|_| io::Error::other("the analysis failed inside the program"))?;
    let (answer, documents) = match outcome {
        Ok(outcome) => {
            let (study, documents) = (outcome.study, outcome.documents);
            (Answer { study: Some(study), failure: None, documents: documents.clone() }, documents)
        }
        Err(failure) => {
            (Answer { study: None, failure: Some(failure.to_string()), documents: Vec::new() }, Vec::new())
        }
    };
    frames::write(&mut output, &serde_json::to_vec(&answer)?)?;
    for document in documents {
        frames::write(&mut output, &document.body)?;
    }
    output.flush()
}

#[derive(Serialize, Deserialize)]
struct Head {
    task: Task,
    objects: usize,
    memory_bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    study: Option<Value>,
    failure: Option<String>,
    documents: Vec<Encoded>,
}

async fn in_thread(task: Task, objects: Vec<Vec<u8>>) -> Result<Outcome, Broken> {
    let (send, receive) = tokio::sync::oneshot::channel();
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES);
    let started = worker.spawn(move || {
        // Nobody waits any more after the deadline.
        let _ = send.send(analysis::run(&task, &objects));
    });
    started.map_err(|_| Broken::Ended)?;
    receive.await.map_err(|_| Broken::Ended)?.map_err(study)
}

fn study(failure: Unanalyzed) -> Broken {
    Broken::Study(failure.to_string())
}

async fn in_child(
    command: &mut Command,
    memory_bytes: u64,
    task: &Task,
    objects: &[Vec<u8>],
) -> Result<Outcome, Broken> {
    // The child inherits nothing it could leak, and ends when this future is dropped.
    let child = command
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = child.spawn().map_err(|_| Broken::Ended)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Broken::Ended);
    };
    let head = Head { task: task.clone(), objects: objects.len(), memory_bytes };
    let given = async {
        let head = serde_json::to_vec(&head)?;
        for part in std::iter::once(&head).chain(objects) {
            input.write_all(&(part.len() as u64).to_le_bytes()).await?;
            input.write_all(part).await?;
        }
        input.shutdown().await?;
        drop(input);
        Ok::<(), io::Error>(())
    };
    let mut bytes = Vec::new();
    let mut output = output.take(ANSWER_BYTES);
    let (given, taken) = tokio::join!(given, output.read_to_end(&mut bytes));
    let ended = child.wait().await.map_err(|_| Broken::Ended)?;
    if given.is_err() || taken.is_err() || !ended.success() {
        return Err(Broken::Ended);
    }
    read(&bytes).map_err(|_| Broken::Ended)?
}

fn read(mut bytes: &[u8]) -> io::Result<Result<Outcome, Broken>> {
    let answer: Answer = serde_json::from_slice(&frames::read(&mut bytes)?)?;
    let mut documents = answer.documents;
    for document in &mut documents {
        document.body = frames::read(&mut bytes)?;
    }
    Ok(match (answer.study, answer.failure) {
        (Some(study), _) => Ok(Outcome { study, documents }),
        (None, failure) => Err(Broken::Study(failure.unwrap_or_default())),
    })
}

/// Bytes of an answer at most.
const ANSWER_BYTES: u64 = 512 << 20;

fn limit_memory(bytes: u64) {
    if bytes > 0 {
        // Where it cannot be limited, the deadline remains.
        let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_AS, bytes, bytes);
    }
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_childs_answer_is_what_the_thread_gives() {
        let scan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-scans/07-hologic-spine.dcm");
        let objects = vec![std::fs::read(scan).unwrap()];
        let task =
            Task { profile: "iscd-2023".to_owned(), profile_source: "default".to_owned(), ..Task::default() };
        let expected = analysis::run(&task, &objects).unwrap();
        let mut input = Vec::new();
        let head = Head { task, objects: 1, memory_bytes: 0 };
        frames::write(&mut input, &serde_json::to_vec(&head).unwrap()).unwrap();
        frames::write(&mut input, &objects[0]).unwrap();
        let mut output = Vec::new();
        serve_one(input.as_slice(), &mut output).unwrap();
        let outcome = read(&output).unwrap().unwrap();
        assert_eq!(outcome, expected);
        assert_eq!(outcome.study["scans"][0]["kind"], "ap_spine");
    }
}
