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
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct NoticeView {
    pub class_name: String,
    pub term: Term,
    pub term_name: String,
    /// `/child/{student}` or `/class/{class}`.
    pub base: String,
    pub part: Part,
    /// Where one comes from.
    pub back: String,
    /// An objection's form, to which what is objected to is added.
    pub ask: String,
    /// The six terms that graduate, of which one page shows one.
    pub pages: Vec<PageLink>,
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

/// One of the terms of a notice of three years.
#[derive(Serialize)]
pub struct PageLink {
    term: Term,
    name: String,
    here: bool,
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

/// Which of the six terms an address asks for.
#[derive(Deserialize)]
pub struct AskedPage {
    pub term: Option<Term>,
}

/// Who reads.
pub struct Reader {
    pub base: String,
    pub child: Option<(StudentId, String)>,
    pub teacher: Option<&'static str>,
}

/// Which notice is read: a class's in a term, or that of its end of junior high, and of
/// this the facts of which of the six terms.
#[derive(Clone, Copy)]
pub struct Which {
    pub class: ClassRow,
    pub term: Term,
    pub part: Part,
    pub page: Term,
}

impl Which {
    pub fn of_term(class: ClassRow, term: Term) -> Self {
        Which { class, term, part: Part::Term, page: term }
    }

    /// # Errors
    /// [`Refused::NotFound`] for a term that is none of the six.
    pub fn of_graduation(class: ClassRow, page: Option<Term>) -> Result<Self, Refused> {
        let six = Term::of_cohort(class.name.cohort);
        let page = page.unwrap_or(six[5]);
        if !six.contains(&page) {
            return Err(Refused::NotFound);
        }
        Ok(Which { class, term: six[5], part: Part::Graduation, page })
    }
}

/// Where a notice is read, and where one objects: the address wants what it is about.
pub fn ask(base: &str, part: Part) -> (String, String) {
    match part {
        Part::Term => (format!("{base}/notice"), format!("{base}/objection?")),
        Part::Graduation => (format!("{base}/notice/graduation"), format!("{base}/objection?part=graduation&")),
    }
}

/// A notice as it is read. When it is over a family sees its own child's facts only.
pub fn notice_view(look: &mut Look, which: Which, reader: Reader) -> Result<NoticeView, Refused> {
    let Which { class, term, part, page } = which;
    let now = look.now();
    let notices = notices_of(look, class.id, term, part)?;
    let (child, child_name) = match reader.child {
        Some((child, name)) => (Some(child), name),
        None => (None, String::new()),
    };
    let six = if part == Part::Graduation { Term::of_cohort(class.name.cohort).to_vec() } else { Vec::new() };
    let back = match (part, &reader.teacher) {
        (Part::Graduation, None | Some("homeroom")) => format!("{}/graduation", reader.base),
        _ => reader.base.clone(),
    };
    let mut view = NoticeView {
        class_name: class.name.in_year(term.year()),
        term,
        term_name: term.name(),
        teacher: reader.teacher,
        part,
        back,
        ask: ask(&reader.base, part).1,
        pages: six
            .into_iter()
            .map(|of| PageLink { term: of, name: of.short_name(class.name.cohort), here: of == page })
            .collect(),
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
    view.may_object = open && view.teacher != Some("office");
    view.state = Some(state_view(look, first)?);
    let own = facts_of(look, &class, term, part, page)?;
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
            for other in noticed_with(look, &class, term, part)? {
                let facts = facts_of(look, &other, term, part, page)?;
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
