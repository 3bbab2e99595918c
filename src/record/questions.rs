//! What a reviewer might ask: a question, never an accusation. None of it keeps a
//! record from being confirmed.

use super::{Kept, State};
use chrono::Duration;

/// A sentence shorter than this is said by many, and means nothing.
const LONG_SENTENCE: usize = 10;
/// So many records in one minute are asked about.
const MANY_A_MINUTE: usize = 3;
/// More hours than this on one day are asked about.
const LONG_DAY_MINUTES: i32 = 12 * 60;

/// Questions to one record, beside all of the class in the term.
pub fn questions(one: &Kept, all: &[Kept]) -> Vec<String> {
    let mut asked = Vec::new();
    for (sentence, bare) in sentences(one) {
        let others = all.iter().filter(|other| !same(other, one) && other.activity != one.activity);
        let others = others.filter(|other| sentences(other).iter().any(|(_, theirs)| *theirs == bare)).count();
        if others > 0 {
            asked.push(format!(
                "“{sentence}”这句话，另外 {others} 条记录里也有。是一起做的吗？可以请孩子写写自己的那一份。"
            ));
            break;
        }
    }
    let minute = |other: &&Kept| {
        other.account == one.account
            && matches!(other.state, State::Submitted)
            && (other.at - one.at).abs() <= Duration::seconds(60)
    };
    let together = all.iter().filter(minute).count();
    if one.state == State::Submitted && together >= MANY_A_MINUTE {
        asked.push(format!("一分钟里交了 {together} 条。是攒着一起写的吗？可以问问当时的情形。"));
    }
    let that_day = all.iter().filter(|other| {
        other.student == one.student
            && other.told.starts_on == one.told.starts_on
            && other.told.ends_on == other.told.starts_on
            && matches!(other.state, State::Submitted | State::Confirmed)
    });
    let minutes: i32 = that_day.filter_map(|other| other.told.minutes).sum();
    if one.told.minutes.is_some() && one.told.starts_on == one.told.ends_on && minutes > LONG_DAY_MINUTES {
        asked.push(format!("这一天的时长加起来有 {}。是不是有几天的写在了一起？", super::time_spent(minutes)));
    }
    asked
}

fn same(one: &Kept, other: &Kept) -> bool {
    one.student == other.student && one.activity == other.activity
}

/// The long sentences of a record's words, each as it stands and without blanks and
/// marks, as it is compared.
fn sentences(one: &Kept) -> Vec<(String, String)> {
    let words = one.told.words.as_deref().unwrap_or_default();
    words
        .split(['。', '！', '？', '；', '!', '?', ';'])
        .map(|part| (part.trim().to_owned(), part.chars().filter(|c| c.is_alphanumeric()).collect::<String>()))
        .filter(|(_, bare)| bare.chars().count() >= LONG_SENTENCE)
        .collect()
}
