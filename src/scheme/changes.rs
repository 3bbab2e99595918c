//! What a version changes, in words.

use super::{Indicator, Scheme};
use crate::names::Domain;
use std::collections::BTreeMap;

/// Every difference between two versions, one sentence each; `schools` names those whose
/// own switches differ.
pub fn changes(old: &Scheme, new: &Scheme, schools: &BTreeMap<i32, String>) -> Vec<String> {
    let mut said = Vec::new();
    let mut tell = |what: &str, was: &str, is: &str| {
        if was != is {
            said.push(format!("{what}：“{was}”改为“{is}”"));
        }
    };
    tell("方案名称", &old.name, &new.name);
    tell("没有记录时的用词", &old.no_record, &new.no_record);
    let words = |scheme: &Scheme| {
        let bands = &scheme.bands;
        [&bands.excellent, &bands.good, &bands.qualified, &bands.developing].map(|band| band.word.clone())
    };
    for (was, is) in words(old).iter().zip(&words(new)) {
        tell("等级用词", was, is);
    }
    for domain in Domain::ALL {
        let (was, is) = (old.domain(*domain), new.domain(*domain));
        let name = &is.name;
        tell("育的名称", &was.name, name);
        for (band, (was, is)) in words(new).iter().zip([
            (&was.excellent, &is.excellent),
            (&was.good, &is.good),
            (&was.qualified, &is.qualified),
            (&was.developing, &is.developing),
        ]) {
            tell(&format!("{name}“{band}”的描述"), was, is);
        }
    }
    let takes_part = |yes: bool| if yes { "参加" } else { "不参加" };
    let voices = |scheme: &Scheme| {
        let voices = scheme.voices;
        [
            ("学生自评", voices.pupil),
            ("同学互评", voices.peer),
            ("家长评价", voices.guardian),
            ("任课教师评价", voices.subject),
        ]
    };
    for ((name, was), (_, is)) in voices(old).into_iter().zip(voices(new)) {
        tell(name, takes_part(was), takes_part(is));
    }
    tell("公示给谁看", old.notice_audience.word(), new.notice_audience.word());
    for (what, was, is) in [
        ("公示几个工作日", old.notice_days, new.notice_days),
        ("每育最多选几件", old.selected_records, new.selected_records),
        ("每人评几位同学", old.peers, new.peers),
        ("评语最多几个字", old.comment_characters, new.comment_characters),
        ("寄语最多几个字", old.message_characters, new.message_characters),
    ] {
        tell(what, &was.to_string(), &is.to_string());
    }
    said.extend(switched(old, new, schools));
    said
}

fn switched(old: &Scheme, new: &Scheme, schools: &BTreeMap<i32, String>) -> Vec<String> {
    let mut said = Vec::new();
    let on = |yes: bool| if yes { "启用" } else { "停用" };
    for key in old.dimensions_off.symmetric_difference(&new.dimensions_off) {
        let name = key.split_once('/').map_or(key.as_str(), |(_, name)| name);
        said.push(format!("维度“{name}”：{}", on(old.dimensions_off.contains(key))));
    }
    let was: BTreeMap<&str, &Indicator> = old.indicators.iter().map(|item| (item.code.as_str(), item)).collect();
    for item in &new.indicators {
        if was.get(item.code.as_str()).is_none_or(|was| was.is_on() != item.is_on()) {
            said.push(format!("观测点 {}“{}”：{}", item.code, item.item, on(item.is_on())));
        }
    }
    for (school, name) in schools {
        let (was, is) = (old.off_at.get(school), new.off_at.get(school));
        if was.into_iter().flatten().ne(is.into_iter().flatten()) {
            let codes: Vec<&str> = is.into_iter().flatten().map(String::as_str).collect();
            let codes = if codes.is_empty() { "都用".to_owned() } else { format!("不用 {}", codes.join("、")) };
            said.push(format!("{name}：{codes}"));
        }
    }
    said
}
