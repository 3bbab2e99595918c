//! What is told of an activity, as it was typed and as it is kept.

use super::{Level, PLACE_CHARACTERS, TITLE_CHARACTERS, WORDS_CHARACTERS};
use crate::access::Fault;
use crate::names::Domain;
use crate::platform::text::{half_width, tidy};
use crate::roster::calendar::TermDates;
use crate::scheme::{Indicator, Kind, Scheme};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::Serialize;
use std::collections::HashMap;

/// The fields of a form, by name.
pub type Typed = HashMap<String, String>;

/// What is told of one activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Telling {
    /// The observation item's code in the scheme.
    pub indicator: String,
    /// The one it belongs to first (article 21 lets it belong to others too).
    pub domain: Domain,
    pub also: Vec<Domain>,
    pub title: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub place: Option<String>,
    pub organiser: Option<String>,
    pub level: Option<Level>,
    /// Where the indicator counts hours.
    pub minutes: Option<i32>,
    /// Where the indicator is a skill: what was attained.
    pub attained: Option<String>,
    pub words: Option<String>,
}

/// Items that come by themselves: from the roll, from the weekly housework.
const BY_THEMSELVES: [&str; 4] = ["D11", "T21", "L11", "L21"];

/// The observation items of which a fact can be written down; for a family those that
/// a pupil or a guardian enters first.
pub fn choices(scheme: &Scheme, family: bool) -> Vec<&Indicator> {
    let told = |kind| matches!(kind, Kind::Occurrence | Kind::Hours | Kind::Skill | Kind::List);
    scheme
        .indicators
        .iter()
        .filter(|item| told(item.kind) && !BY_THEMSELVES.contains(&item.code.as_str()))
        .filter(|item| !family || item.who.contains("学生") || item.who.contains("家长"))
        .collect()
}

impl Telling {
    /// Reads a form's fields: `indicator main also_<domain> title on until place
    /// organiser level hours attained words`. A draft may still be without a title.
    ///
    /// # Errors
    /// One fault a field that cannot be taken, with what was there and how to mend it.
    pub fn read(
        typed: &Typed,
        choices: &[&Indicator],
        term: TermDates,
        today: NaiveDate,
        draft: bool,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let said = |name: &str| tidy(typed.get(name).map_or("", String::as_str));
        let item = choices.iter().find(|item| item.code == said("indicator")).copied();
        if item.is_none() {
            faults.push(Fault::at("indicator", "还没有选属于哪一项。请选最合适的一项。"));
        }
        let main = said("main").parse::<Domain>().ok();
        let domain = item.and_then(|item| item.domain).or(main);
        if item.is_some() && domain.is_none() {
            faults.push(Fault::at("main", "本校特色项目要说明主要属于哪一育，请选一个。"));
        }
        let domain = domain.unwrap_or(Domain::Moral);
        let also = Domain::ALL.iter().copied().filter(|other| {
            *other != domain && typed.get(&format!("also_{}", other.code())).is_some_and(|on| !on.is_empty())
        });
        let mut short = |name: &str, called: &str, most: usize| {
            let text = said(name);
            let long = text.chars().count();
            if long > most {
                faults.push(Fault::at(name, format!("{called}最多 {most} 个字，现在 {long} 个字，请写短一些。")));
            }
            Some(text).filter(|text| !text.is_empty())
        };
        let title = short("title", "名称", TITLE_CHARACTERS);
        let (place, organiser) =
            (short("place", "地点", PLACE_CHARACTERS), short("organiser", "组织的单位或老师", PLACE_CHARACTERS));
        let (attained, words) =
            (short("attained", "学到的程度", PLACE_CHARACTERS), short("words", "经过", WORDS_CHARACTERS));
        if title.is_none() && !draft {
            faults.push(Fault::at("title", "名称还空着。写一句做了什么，例如“到敬老院包饺子”。"));
        }
        let (starts_on, ends_on) = read_span(&said("on"), &said("until"), term, today, &mut faults);
        let level = match said("level").as_str() {
            "" => None,
            code => code.parse::<Level>().map_err(|_| faults.push(Fault::at("level", "级别认不出，请重新选。"))).ok(),
        };
        let days = (ends_on - starts_on).num_days() as i32 + 1;
        let kind = item.map(|item| item.kind);
        let minutes = read_hours(&said("hours"), kind, days, draft, &mut faults);
        if kind == Some(Kind::Skill) && attained.is_none() && !draft {
            faults.push(Fault::at("attained", "学到什么程度还空着，例如“能连续垫球二十个”。"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Telling {
            indicator: item.map(|item| item.code.clone()).unwrap_or_default(),
            domain,
            also: also.collect(),
            title: title.unwrap_or_default(),
            starts_on,
            ends_on,
            place,
            organiser,
            level,
            minutes,
            attained: attained.filter(|_| kind == Some(Kind::Skill)),
            words,
        })
    }
}

/// `2026-12-31`, `2026/12/31`, `2026.12.31`, `2026年12月31日`, also in full width.
pub fn read_date(typed: &str) -> Option<NaiveDate> {
    let parts: Vec<i32> = half_width(typed)
        .split(['-', '/', '.', '年', '月', '日', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [year, month, day] = parts[..] else { return None };
    NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?)
}

/// `9 月 1 日`
pub fn day_words(date: NaiveDate) -> String {
    format!("{} 月 {} 日", date.month(), date.day())
}

/// `9 月 1 日 08:30`
pub fn moment_words(at: NaiveDateTime) -> String {
    format!("{} {}", day_words(at.date()), at.format("%H:%M"))
}

fn read_span(
    on: &str,
    until: &str,
    term: TermDates,
    today: NaiveDate,
    faults: &mut Vec<Fault>,
) -> (NaiveDate, NaiveDate) {
    let mut read = |field: &str, typed: &str| match read_date(typed) {
        None if typed.is_empty() => {
            faults.push(Fault::at(field, "日期还空着。写成 2026-12-31 这样。"));
            None
        }
        None => {
            faults.push(Fault::at(field, format!("日期“{typed}”认不出。写成 2026-12-31 这样。")));
            None
        }
        Some(day) if day > today => {
            faults.push(Fault::at(field, format!("{typed} 还没有到。写实记录只写已经做过的事。")));
            None
        }
        Some(day) if day < term.starts_on || day > term.ends_on => {
            let (first, last) = (day_words(term.starts_on), day_words(term.ends_on));
            let name = term.term.name();
            faults.push(Fault::at(field, format!("{typed} 不在本学期里。{name}从 {first}到 {last}，请核对日期。")));
            None
        }
        day => day,
    };
    let first = read("on", on);
    let last = if until.is_empty() { first } else { read("until", until) };
    match (first, last) {
        (Some(first), Some(last)) if last < first => {
            faults.push(Fault::at("until", format!("结束的日期 {until} 在开始之前，请把两个日期对一下。")));
            (first, first)
        }
        (Some(first), Some(last)) => (first, last),
        _ => (today, today),
    }
}

/// Hours as people write them, in minutes.
fn read_hours(typed: &str, kind: Option<Kind>, days: i32, draft: bool, faults: &mut Vec<Fault>) -> Option<i32> {
    let counts = kind == Some(Kind::Hours);
    let text = half_width(typed).replace("小时", "").replace('时', "");
    let text = text.trim();
    if text.is_empty() {
        if counts && !draft {
            faults.push(Fault::at("hours", "这个观测点要记时长。写几小时，例如 2 或 1.5。"));
        }
        return None;
    }
    if !counts {
        faults.push(Fault::at("hours", format!("这个观测点不记时长，请把“{typed}”去掉，或换一个记时长的观测点。")));
        return None;
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let tenths = match (whole.parse::<i32>(), part.parse::<i32>()) {
        (Ok(whole), Ok(part))
            if (0..1000).contains(&whole) && (0..10).contains(&part) && part.to_string() == part_of(text) =>
        {
            whole * 10 + part
        }
        _ => {
            faults.push(Fault::at("hours", format!("时长“{typed}”认不出。写几小时，例如 2 或 1.5。")));
            return None;
        }
    };
    let minutes = tenths * 6;
    if minutes == 0 {
        faults.push(Fault::at("hours", "时长是 0。没有花时间的事不用记时长，请改一下。"));
        return None;
    }
    if minutes > days * 24 * 60 {
        let most = days * 24;
        faults.push(Fault::at("hours", format!("时长“{typed}”比这 {days} 天的 {most} 小时还多，请核对时长和日期。")));
        return None;
    }
    Some(minutes)
}

fn part_of(text: &str) -> String {
    text.split_once('.').map_or("0", |(_, part)| part).to_owned()
}
