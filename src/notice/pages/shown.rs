//! A notice as its readers see it.

use crate::access::{Look, Refused};
use crate::cycle::{NoticeRow, Part, days_ahead, notices_of};
use crate::names::{StudentId, Term};
use crate::notice::facts::{FactView, facts_of};
use crate::notice::store::audience::noticed_with;
use crate::record::day_words;
use crate::roster::ClassRow;
use crate::roster::calendar::working_days;
use crate::scheme::Audience;
use chrono::{Datelike, NaiveDate};
use serde::Serialize;

#[derive(Serialize)]
pub struct NoticeView {
    pub class_name: String,
    pub term: Term,
    pub term_name: String,
    /// `/child/{student}` or `/class/{class}`.
    pub base: String,
    pub state: Option<StateView>,
    /// One's own child's part in the facts; empty for a teacher.
    pub mine: Vec<FactView>,
    pub child: Option<StudentId>,
    pub child_name: String,
    pub sections: Vec<SectionView>,
    pub second: Vec<SecondView>,
    /// One may object now.
    pub may_object: bool,
    /// `homeroom` or `subject`; nothing for a family, and where the office looks in.
    pub teacher: Option<&'static str>,
}

/// How far the notice is.
#[derive(Serialize)]
pub struct StateView {
    pub open: bool,
    pub left: usize,
    pub first: String,
    pub last: String,
    pub days: Vec<DayView>,
    pub by: String,
}

#[derive(Serialize)]
pub struct DayView {
    n: u32,
    /// `周三`, or `今天`.
    word: &'static str,
    /// `past`, `now` or nothing.
    state: &'static str,
}

/// The facts of one class of the audience.
#[derive(Serialize)]
pub struct SectionView {
    pub class_name: String,
    pub facts: Vec<FactView>,
}

/// A second notice of one item.
#[derive(Serialize)]
pub struct SecondView {
    pub open: bool,
    pub last: String,
    pub student_name: String,
    pub was: String,
    pub becomes: String,
}

/// Who reads.
pub struct Reader {
    pub base: String,
    pub child: Option<(StudentId, String)>,
    pub teacher: Option<&'static str>,
}

/// The notice of a class in a term. When it is over a family sees its own child's
/// facts only.
pub fn notice_view(look: &mut Look, class: &ClassRow, term: Term, reader: Reader) -> Result<NoticeView, Refused> {
    let now = look.now();
    let notices = notices_of(look, class.id, term, Part::Term)?;
    let (child, child_name) = match reader.child {
        Some((child, name)) => (Some(child), name),
        None => (None, String::new()),
    };
    let mut view = NoticeView {
        class_name: class.name.in_year(term.year()),
        term,
        term_name: term.name(),
        teacher: reader.teacher,
        base: reader.base,
        state: None,
        mine: Vec::new(),
        child,
        child_name,
        sections: Vec::new(),
        second: Vec::new(),
        may_object: false,
    };
    let Some(first) = notices.iter().find(|notice| notice.round == 1) else { return Ok(view) };
    let open = first.is_open(now);
    view.may_object = open;
    view.state = Some(state_view(look, first)?);
    let own = facts_of(look, class, term)?;
    view.mine = own
        .iter()
        .filter_map(|fact| {
            let mut fact = fact.clone();
            fact.names.retain(|name| Some(name.student) == child);
            (!fact.names.is_empty()).then_some(fact)
        })
        .collect();
    if open || child.is_none() {
        view.sections.push(SectionView { class_name: view.class_name.clone(), facts: own });
        if first.audience == Audience::Grade {
            for other in noticed_with(look, class, term)? {
                let facts = facts_of(look, &other, term)?;
                view.sections.push(SectionView { class_name: other.name.in_year(term.year()), facts });
            }
        }
    }
    for notice in &notices {
        let Some(change) = &notice.change else { continue };
        let theirs = Some(change.student) == child;
        if notice.is_open(now) || theirs || child.is_none() {
            view.second.push(SecondView {
                open: notice.is_open(now),
                last: day_words(notice.last_on),
                student_name: crate::notice::store::audience::pupil_name(look, change.student)?,
                was: change.was.clone(),
                becomes: change.becomes.clone(),
            });
        }
    }
    Ok(view)
}

/// The days of a notice, the working ones only.
pub fn state_view(look: &mut Look, notice: &NoticeRow) -> Result<StateView, Refused> {
    let (today, now) = (look.today(), look.now());
    let calendar = working_days(look, notice.first_on, notice.last_on)?;
    let worked: Vec<NaiveDate> = notice
        .first_on
        .iter_days()
        .take_while(|day| *day <= notice.last_on)
        .filter(|day| calendar.is_worked(*day))
        .collect();
    let open = notice.is_open(now);
    Ok(StateView {
        open,
        left: if open { worked.iter().filter(|day| **day >= today).count() } else { 0 },
        first: day_words(notice.first_on),
        last: day_words(notice.last_on),
        by: format!("{} · {} 发布", notice.opened.name, notice.opened.at.format("%-m 月 %-d 日 %H:%M")),
        days: worked
            .into_iter()
            .map(|day| DayView {
                n: day.day(),
                word: if day == today { "今天" } else { weekday(day) },
                state: match day.cmp(&today) {
                    std::cmp::Ordering::Less => "past",
                    std::cmp::Ordering::Equal => "now",
                    std::cmp::Ordering::Greater => "",
                },
            })
            .collect(),
    })
}

fn weekday(day: NaiveDate) -> &'static str {
    ["周一", "周二", "周三", "周四", "周五", "周六", "周日"][day.weekday().num_days_from_monday() as usize]
}

/// When a notice opened now would end.
pub fn would_end(look: &mut Look, days: usize) -> Result<String, Refused> {
    let calendar = days_ahead(look)?;
    let (first, last) = crate::cycle::days_of_notice(&calendar, look.now(), days);
    Ok(format!("{}到 {}", day_words(first), day_words(last)))
}
