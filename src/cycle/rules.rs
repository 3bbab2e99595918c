//! The lengths of the cycle, all in one place and all in working days.

use crate::access::{Look, Refused, Scope};
use crate::roster::calendar::{WorkingDays, working_days};
use crate::scheme::{Audience, Scheme};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

/// How long each thing takes.
#[derive(Clone, Copy, Debug)]
pub struct CycleRules {
    /// 公示.
    pub notice: usize,
    /// 二次公示 of one changed item.
    pub second_notice: usize,
    /// The handler's answer to an objection.
    pub answer: usize,
    /// For taking an answer to the next instance.
    pub escalate: usize,
    /// The committee's answer, and the county's.
    pub review: usize,
    pub audience: Audience,
}

impl CycleRules {
    /// The lengths under a scheme.
    pub fn of(scheme: &Scheme) -> Self {
        CycleRules { notice: scheme.notice_days, audience: scheme.notice_audience, ..CycleRules::USUAL }
    }

    /// What holds where the scheme says nothing else.
    const USUAL: CycleRules =
        CycleRules { notice: 5, second_notice: 3, answer: 3, escalate: 5, review: 5, audience: Audience::Class };
}

/// A notice opened before this hour of a working day counts that day.
const COUNTS_UNTIL: u32 = 12;
/// When it ends on its last day.
const ENDS: u32 = 17;

/// First and last day of a notice of `n` working days opened at `opened`.
pub fn days_of_notice(calendar: &WorkingDays, opened: NaiveDateTime, n: usize) -> (NaiveDate, NaiveDate) {
    let today = opened.date();
    let counts = calendar.is_worked(today) && opened.time() < at(COUNTS_UNTIL);
    let first = if counts { today } else { calendar.after(today, 1) };
    (first, calendar.after(first, n.saturating_sub(1)))
}

/// Longer than anything here takes, over two holidays.
const AHEAD: u64 = 60;

/// The working days from today on, as far as the cycle ever looks ahead.
pub fn days_ahead<S: Scope>(look: &mut Look<S>) -> Result<WorkingDays, Refused> {
    let today = look.today();
    working_days(look, today, today + Days::new(AHEAD))
}

/// The minute at which a notice ends.
pub fn ends(last_on: NaiveDate) -> NaiveDateTime {
    last_on.and_time(at(ENDS))
}

fn at(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}
