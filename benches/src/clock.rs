//! Time and memory as the system counts them.

use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// How long one pass of a task took.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// Passes made; the times are means over them.
    pub passes: u32,
    /// Processor time of all threads, in seconds.
    pub cpu_s: f64,
    /// Time on the wall, in seconds.
    pub wall_s: f64,
}

/// Repeats `task` until `at_least` has passed and gives the mean of one pass.
///
/// # Errors
/// What the task or the clock gives.
pub fn time(at_least: Duration, mut task: impl FnMut() -> std::io::Result<()>) -> std::io::Result<Pass> {
    let (cpu, wall) = (cpu_time()?, Instant::now());
    let mut passes = 0;
    while passes == 0 || wall.elapsed() < at_least {
        task()?;
        passes += 1;
    }
    let per_pass = |total: Duration| total.as_secs_f64() / f64::from(passes);
    Ok(Pass { passes, cpu_s: per_pass(cpu_time()? - cpu), wall_s: per_pass(wall.elapsed()) })
}

/// Processor time of this process so far.
///
/// # Errors
/// When the system has no such clock.
pub fn cpu_time() -> std::io::Result<Duration> {
    Ok(Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?))
}

/// The largest resident set of any finished child process, in KiB (on Linux).
///
/// # Errors
/// When the system does not say.
pub fn peak_rss_of_children_kib() -> std::io::Result<i64> {
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_processor_time_and_sleep_does_not() {
        let spin = || {
            let end = cpu_time()? + Duration::from_millis(20);
            while cpu_time()? < end {}
            Ok(())
        };
        assert!(time(Duration::ZERO, spin).unwrap().cpu_s >= 0.02);
        let sleep = time(Duration::ZERO, || {
            std::thread::sleep(Duration::from_millis(50));
            Ok(())
        });
        let sleep = sleep.unwrap();
        assert!(sleep.wall_s >= 0.05 && sleep.cpu_s < 0.04, "{sleep:?}");
    }
}
