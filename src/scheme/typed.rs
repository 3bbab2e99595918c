//! A scheme as the county's form types it: every fault with its field.

use super::{Audience, Scheme};
use crate::access::Fault;
use crate::names::Domain;
use crate::platform::text::{code_like, half_width, tidy};
use std::collections::{BTreeMap, BTreeSet, HashMap};

struct Typed<'t> {
    fields: &'t HashMap<String, String>,
    faults: Vec<Fault>,
}

impl Typed<'_> {
    fn text(&mut self, field: &str, what: &str, most: usize) -> String {
        let text = tidy(self.fields.get(field).map_or("", String::as_str));
        let length = text.chars().count();
        if text.is_empty() {
            self.faults.push(Fault::at(field, format!("{what}还空着，请写上。")));
        } else if length > most {
            self.faults.push(Fault::at(field, format!("{what}最多 {most} 个字，现在 {length} 个。")));
        }
        text
    }

    fn number(&mut self, field: &str, what: &str, least: usize, most: usize) -> usize {
        let typed = half_width(self.fields.get(field).map_or("", |text| text.trim()));
        match typed.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.faults
                    .push(Fault::at(field, format!("{what}应是 {least} 到 {most} 的整数，现在写的是“{typed}”。")));
                least
            }
        }
    }

    fn is_on(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }
}

/// Reads the form over `standing`, what the form was made from. `schools` are the ids
/// and names the form had a line for.
///
/// # Errors
/// Every fault of the form.
pub fn read_typed(
    standing: &Scheme,
    fields: &HashMap<String, String>,
    schools: &BTreeMap<i32, String>,
) -> Result<Scheme, Vec<Fault>> {
    let mut typed = Typed { fields, faults: Vec::new() };
    let mut scheme = standing.clone();
    scheme.name = typed.text("name", "方案名称", 40);
    scheme.no_record = typed.text("no_record", "没有记录时的用词", 6);
    read_bands(&mut scheme, &mut typed);
    for domain in Domain::ALL {
        let code = domain.code();
        let words = scheme.domain_mut(*domain);
        words.name = typed.text(&format!("domain_{code}"), &format!("“{}”育的名称", domain.character()), 10);
        let name = words.name.clone();
        for (band, said) in [
            ("excellent", &mut words.excellent),
            ("good", &mut words.good),
            ("qualified", &mut words.qualified),
            ("developing", &mut words.developing),
        ] {
            *said = typed.text(&format!("said_{code}_{band}"), &format!("{name}的等级描述"), 80);
        }
    }
    scheme.voices.pupil = typed.is_on("voice_pupil");
    scheme.voices.peer = typed.is_on("voice_peer");
    scheme.voices.guardian = typed.is_on("voice_guardian");
    scheme.voices.subject = typed.is_on("voice_subject");
    scheme.notice_days = typed.number("notice_days", "公示的工作日", 1, 30);
    match fields.get("notice_audience").map_or("", String::as_str).parse::<Audience>() {
        Ok(audience) => scheme.notice_audience = audience,
        Err(_) => typed.faults.push(Fault::at("notice_audience", "请选公示给本班还是本年级看。")),
    }
    scheme.selected_records = typed.number("selected_records", "每育最多选的件数", 1, 9);
    // Under three answers the teacher sees nothing: fewer classmates would be asked in vain.
    scheme.peers = typed.number("peers", "每人评的同学数", 3, 8);
    scheme.comment_characters = typed.number("comment_characters", "评语的字数", 50, 500);
    scheme.message_characters = typed.number("message_characters", "寄语的字数", 50, 500);
    for item in &mut scheme.indicators {
        item.on = Some(typed.is_on(&format!("on_{}", item.code)));
    }
    let dimensions: BTreeSet<String> = scheme.indicators.iter().map(|item| item.dimension_key()).collect();
    scheme.dimensions_off = dimensions.into_iter().filter(|key| !typed.is_on(&format!("dimension_{key}"))).collect();
    read_schools(&mut scheme, &mut typed, schools);
    if typed.faults.is_empty() { Ok(scheme) } else { Err(typed.faults) }
}

fn read_bands(scheme: &mut Scheme, typed: &mut Typed) {
    let mut seen: Vec<String> = Vec::new();
    for (band, word) in [
        ("excellent", &mut scheme.bands.excellent.word),
        ("good", &mut scheme.bands.good.word),
        ("qualified", &mut scheme.bands.qualified.word),
        ("developing", &mut scheme.bands.developing.word),
    ] {
        let field = format!("band_{band}");
        *word = typed.text(&field, "等级用词", 6);
        if half_width(word).chars().any(|c| c.is_ascii_digit() || c == '%') {
            typed.faults.push(Fault::at(&*field, format!("等级用词“{word}”里有数字。等级只用词，不写数字。")));
        } else if seen.contains(word) && !word.is_empty() {
            typed.faults.push(Fault::at(&*field, format!("等级用词“{word}”写了两次，四个等级要用四个词。")));
        }
        seen.push(word.clone());
    }
}

fn read_schools(scheme: &mut Scheme, typed: &mut Typed, schools: &BTreeMap<i32, String>) {
    for (school, name) in schools {
        let field = format!("off_{school}");
        let Some(said) = typed.fields.get(&field) else { continue };
        let codes = said.split(|c: char| c.is_whitespace() || "、，,；;".contains(c)).map(code_like);
        let codes: BTreeSet<String> = codes.filter(|code| !code.is_empty()).collect();
        for code in codes.iter().filter(|code| !scheme.indicators.iter().any(|item| item.code == **code)) {
            typed.faults.push(Fault::at(&*field, format!("{name}写的“{code}”不是观测点的编号，请照上面列的编号写。")));
        }
        if codes.is_empty() {
            scheme.off_at.remove(school);
        } else {
            scheme.off_at.insert(*school, codes);
        }
    }
}
