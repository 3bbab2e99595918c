//! One clock for the whole program: China Standard Time (UTC+8, no summer time)
//! by arithmetic, never the machine's zone. Every `TIMESTAMP` in the database
//! is this time, in whole microseconds (what PostgreSQL keeps).

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const EAST_OF_UTC: Duration = Duration::hours(8);

/// Tells the time; a demonstration county moves it. Clones share the move.
#[derive(Clone, Default)]
pub struct Clock {
    moved_by_microseconds: Arc<AtomicI64>,
}

impl Clock {
    /// The time now in China, without zone, to the microsecond.
    pub fn now(&self) -> NaiveDateTime {
        let moved = Duration::microseconds(self.moved_by_microseconds.load(Ordering::Relaxed));
        (Utc::now().naive_utc() + EAST_OF_UTC + moved).trunc_subsecs(6)
    }

    pub fn today(&self) -> NaiveDate {
        self.now().date()
    }

    /// Moves the clock so that it is `moment` now, and runs on from there.
    pub fn set(&self, moment: NaiveDateTime) {
        let real = Utc::now().naive_utc() + EAST_OF_UTC;
        let by = (moment - real).num_microseconds().unwrap_or(0);
        self.moved_by_microseconds.store(by, Ordering::Relaxed);
    }
}

/// Seconds since 1970 of a moment in China, as JWT `exp` and HTTP dates want them.
pub fn unix_seconds(moment: NaiveDateTime) -> i64 {
    (moment - EAST_OF_UTC).and_utc().timestamp()
}

/// A moment in China as others read it (RFC 3339): `2027-01-04T09:00:00+08:00`.
pub fn rfc3339(moment: NaiveDateTime) -> String {
    format!("{}+08:00", moment.format("%Y-%m-%dT%H:%M:%S"))
}

/// The moment in China of seconds since 1970; `None` beyond the calendar's range.
pub fn from_unix_seconds(seconds: i64) -> Option<NaiveDateTime> {
    Some(DateTime::<Utc>::from_timestamp(seconds, 0)?.naive_utc() + EAST_OF_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_runs_on() {
        let clock = Clock::default();
        let moment = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap().and_hms_opt(9, 0, 0).unwrap();
        clock.set(moment);
        assert!(clock.clone().now() >= moment);
        assert_eq!(clock.today(), moment.date());
    }

    #[test]
    fn unix_seconds_are_counted_in_utc() {
        let moment = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap().and_hms_opt(8, 0, 1).unwrap();
        assert_eq!(unix_seconds(moment), 1);
        assert_eq!(from_unix_seconds(1), Some(moment));
    }
}
