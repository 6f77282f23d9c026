//! How long to wait before the next attempt.

use crate::config::Deliver;

/// Milliseconds until the next attempt after so many: doubled each time up to the longest, less up to a half, so
/// that what failed together does not come back together. `None` when the budget is spent.
pub(super) fn next(deliver: &Deliver, attempts: i64, refused: bool, age_ms: i64, chance: u32) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "hours of configuration fit")]
    let budget = (deliver.retry_hours * 3_600_000.0) as i64;
    if age_ms > budget || (refused && attempts >= REFUSALS) {
        return None;
    }
    let doubled =
        deliver.retry_first_seconds * 2f64.powi(i32::try_from(attempts - 1).unwrap_or(30).clamp(0, 30));
    let longest = doubled.min(deliver.retry_longest_seconds);
    let share = 0.5 + 0.5 * f64::from(chance) / f64::from(u32::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "minutes fit")]
    let pause = (longest * share * 1000.0) as i64;
    Some(pause.max(1))
}

/// Attempts at what the other side refuses.
const REFUSALS: i64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_budget() {
        let deliver = Deliver::default();
        let at_most = |attempts| next(&deliver, attempts, false, 0, u32::MAX).unwrap();
        assert_eq!([at_most(1), at_most(2), at_most(5)], [1_000, 2_000, 16_000]);
        assert_eq!((at_most(11), at_most(500)), (900_000, 900_000));
        assert_eq!(next(&deliver, 3, false, 0, 0), Some(2_000));
        assert_eq!(next(&deliver, 3, false, 24 * 3_600_000 + 1, 0), None);
        assert_eq!((next(&deliver, 4, true, 0, 0).is_some(), next(&deliver, 5, true, 0, 0)), (true, None));
    }

    /// Row R7: a receiver that is down for twelve hours.
    #[test]
    fn a_receiver_that_is_down_for_hours_is_asked_seldom() {
        const HOUR_MS: i64 = 3_600_000;
        let deliver = Deliver::default();
        for chance in [0, u32::MAX / 2, u32::MAX] {
            let (mut age, mut attempts) = (0, 0);
            while age < 12 * HOUR_MS {
                attempts += 1;
                age += next(&deliver, attempts, false, age, chance).expect("it is not given up within a day");
            }
            // After the first minutes one try in at least half of the longest pause.
            assert!(attempts <= 12 + 12 * HOUR_MS / 450_000, "{attempts} tries");
            assert!(age < 13 * HOUR_MS, "it is noticed within the hour that the receiver is back");
        }
    }
}
