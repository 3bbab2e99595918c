//! What waits at a class's desk, and by when. Things and dates, never a pupil's count
//! and never a band.

use crate::access::{Look, OwnClass, Refused};
use crate::cycle::{ClassStanding, Step, class_standing};
use crate::evaluation::{Lack, Sheet, class_sheets, confirmed_selves, graduating};
use crate::names::{ClassId, Domain, StudentId, Term};
use crate::record::{Booked, HouseworkState, State, class_book, class_housework, day_words, monday_of};
use crate::scheme::scheme_of;
use chrono::{Days, NaiveDate};
use serde::Serialize;
use std::collections::HashSet;

/// A submission and a guardian's word are answered within a week.
const ANSWER: Days = Days::new(7);
/// So long without a record: the teacher may think of something to write down.
const QUIET: Days = Days::new(21);

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    pub icon: &'static str,
    pub title: String,
    /// By when and why, in words.
    pub says: String,
    pub verb: &'static str,
    pub address: String,
    /// How many of how many are done.
    pub done: Option<(usize, usize)>,
    #[serde(skip)]
    pub due: NaiveDate,
}

/// What waits by a stretch of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    pub name: String,
    pub today: bool,
    pub waiting: Vec<Waiting>,
}

/// A stage of the term, in words, with its dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    pub word: &'static str,
    pub when: String,
    /// `ok`, `now` or nothing.
    pub state: &'static str,
}

/// Everything the desk of a class shows.
pub struct AtDesk {
    pub standing: ClassStanding,
    pub book: Vec<Booked>,
    pub waiting: Vec<Waiting>,
    /// Whose submission waits, who has not evaluated themselves, of whom nothing was
    /// written down for three weeks.
    pub submitted: HashSet<StudentId>,
    pub without_own_words: HashSet<StudentId>,
    pub quiet: HashSet<StudentId>,
}

/// Reads what waits at the desk of one's own class.
pub fn what_waits(look: &mut Look, own: &OwnClass) -> Result<AtDesk, Refused> {
    let (today, base) = (look.today(), format!("/class/{}", own.id()));
    let standing = class_standing(look, own)?;
    let dates = standing.dates;
    let scheme = scheme_of(look, own.cohort(), own.term())?;
    let book = class_book(look, own, dates)?;
    let sheets = class_sheets(look, own, dates, own.term())?;
    let told = confirmed_selves(look, own, dates, &scheme)?;
    let weeks = class_housework(look, own, dates)?;
    let open = standing.signed_at.is_none();
    let mut at = AtDesk {
        waiting: Vec::new(),
        submitted: HashSet::new(),
        without_own_words: HashSet::new(),
        quiet: HashSet::new(),
        book,
        standing,
    };
    let everyone = at.book.len();
    let due = |day: Option<NaiveDate>| day.unwrap_or(dates.ends_on);

    let handed_in: Vec<NaiveDate> = at
        .book
        .iter()
        .flat_map(|pupil| &pupil.records)
        .filter(|brief| brief.state == State::Submitted)
        .map(|brief| brief.at.date())
        .collect();
    at.submitted = with(&at.book, |pupil| pupil.records.iter().any(|brief| brief.state == State::Submitted));
    let frozen = at.standing.notice.is_some();
    if let Some(first) = handed_in.iter().min().filter(|_| !frozen) {
        let due = *first + ANSWER;
        let by = if due <= today { "今天该回复".to_owned() } else { format!("{}前回复", day_words(due)) };
        at.waiting.push(Waiting {
            icon: "check",
            title: format!("审核学生提交 {} 条", handed_in.len()),
            says: format!("最早一条 {}交来，{by}", day_words(*first)),
            verb: "去审核",
            address: format!("{base}/review"),
            done: None,
            due,
        });
    }

    let differs: Vec<NaiveDate> =
        weeks.iter().filter(|week| week.state == HouseworkState::Differs).map(|week| week.at.date()).collect();
    // Three weeks later it is past talking over.
    let fresh: Vec<&NaiveDate> = differs.iter().filter(|day| **day + QUIET >= today).collect();
    if let Some(first) = fresh.iter().min() {
        let due = **first + ANSWER;
        at.waiting.push(Waiting {
            icon: "home",
            title: format!("家务记录有出入 {} 条", fresh.len()),
            says: format!("家长写了说明，{}前问一问", day_words(due.max(today))),
            verb: "去看看",
            address: format!("{base}/remind/housework"),
            done: None,
            due,
        });
    }

    let window = at.standing.window(Step::Pupil);
    if open && scheme.voices.pupil && window.is_open(today) {
        at.without_own_words = with(&at.book, |pupil| !told.contains(&pupil.student));
        let left = at.without_own_words.len();
        if left > 0 {
            let due = due(window.closes_on);
            at.waiting.push(Waiting {
                icon: "self",
                title: format!("自评还差 {left} 人"),
                says: format!("{}，{} / {everyone} 人已交", until(due, today), everyone - left),
                verb: "看是谁",
                address: format!("{base}/remind/self"),
                done: Some((everyone - left, everyone)),
                due,
            });
        }
    }

    let due_bands = due(at.standing.window(Step::Homeroom).closes_on);
    let full = at.book.iter().filter(|pupil| sheets.get(&pupil.student).is_some_and(Sheet::is_full)).count();
    if open && everyone > 0 {
        let (title, verb, address) = if full < everyone {
            ("期末评价", "接着填", format!("{base}/grid"))
        } else {
            ("检查签字", "去检查", format!("{base}/{}/sign", own.term()))
        };
        at.waiting.push(Waiting {
            icon: "table",
            title: title.to_owned(),
            says: format!("{} · 五育填好 {full} / {everyone} 人", until(due_bands, today)),
            verb,
            address,
            done: Some((full, everyone)),
            due: due_bands,
        });
        // Said without a number: how many bands want help is a number made from bands.
        let lacks = |lack: Lack| {
            sheets.values().any(|sheet| Domain::ALL.iter().any(|domain| sheet.cell(*domain).lacks() == Some(lack)))
        };
        for (lack, title, says) in
            [(Lack::Help, "有等级还缺帮扶措施", "写一句下学期怎么帮"), (Lack::Ground, "有等级还缺依据", "写一句事实")]
        {
            if lacks(lack) {
                at.waiting.push(Waiting {
                    icon: "pen",
                    title: title.to_owned(),
                    says: format!("{says}，{}前", day_words(due_bands)),
                    verb: "补写",
                    address: format!("{base}/{}/sign", own.term()),
                    done: None,
                    due: due_bands,
                });
            }
        }
    }
    after_signing(&mut at, today, &base);
    graduating_waits(look, own, &mut at, &base)?;

    let weeks_gone = today >= dates.starts_on + QUIET && today <= dates.ends_on;
    if weeks_gone && at.standing.sealed_at.is_none() {
        let recent = |pupil: &Booked| {
            pupil.records.iter().any(|brief| brief.state == State::Confirmed && brief.on + QUIET >= today)
        };
        at.quiet = with(&at.book, |pupil| !recent(pupil));
    }
    Ok(at)
}

/// In the last term of junior high the final bands and words, until everyone's are written.
fn graduating_waits(look: &mut Look, own: &OwnClass, at: &mut AtDesk, base: &str) -> Result<(), Refused> {
    if Term::of_cohort(own.cohort())[5] != own.term() || at.book.is_empty() {
        return Ok(());
    }
    let ids: Vec<StudentId> = at.book.iter().map(|pupil| pupil.student).collect();
    let decided = graduating(look, &ids)?.values().filter(|one| one.is_decided()).count();
    if decided < ids.len() {
        at.waiting.push(Waiting {
            icon: "book",
            title: "毕业评价".to_owned(),
            says: format!("毕业等级和评语 · 已定 {decided} / {} 人", ids.len()),
            verb: "去商定",
            address: format!("{base}/graduation"),
            done: Some((decided, ids.len())),
            due: at.standing.dates.ends_on,
        });
    }
    Ok(())
}

fn with(book: &[Booked], suits: impl Fn(&Booked) -> bool) -> HashSet<StudentId> {
    book.iter().filter(|pupil| suits(pupil)).map(|pupil| pupil.student).collect()
}

/// The notice, what was objected, and the checking.
fn after_signing(at: &mut AtDesk, today: NaiveDate, base: &str) {
    let (standing, ends) = (&at.standing, at.standing.dates.ends_on);
    if !standing.objections.is_empty() {
        let due = standing.objections.iter().flatten().min().copied().unwrap_or(ends);
        at.waiting.push(Waiting {
            icon: "gavel",
            title: format!("班里有 {} 件异议", standing.objections.len()),
            says: format!("由学校答复，{}前；可能会来问您", day_words(due)),
            verb: "看情况",
            address: format!("{base}/check"),
            done: None,
            due,
        });
    }
    let window = standing.window(Step::Notice);
    match standing.notice {
        None if standing.sealed_at.is_none() && !at.book.is_empty() => {
            let due = window.opens_on.unwrap_or(ends);
            let says = if window.opens_on.is_some() {
                format!("{}开始公示，先把写实记录看一遍", day_words(due))
            } else {
                format!("签字以后由教务开公示，{}前", day_words(due))
            };
            at.waiting.push(Waiting {
                icon: "speakerphone",
                title: "公示前核对".to_owned(),
                says,
                verb: "先看看",
                address: format!("{base}/records"),
                done: None,
                due,
            });
        }
        Some((_, last)) if last < today && standing.checked_at.is_none() && standing.sealed_at.is_none() => {
            let due = standing.window(Step::Seal).closes_on.unwrap_or(ends);
            at.waiting.push(Waiting {
                icon: "pen",
                title: "核对签字".to_owned(),
                says: format!("公示 {}结束了，{}前核对签字", day_words(last), day_words(due)),
                verb: "去核对",
                address: format!("{base}/check"),
                done: None,
                due,
            });
        }
        _ => {}
    }
}

/// `1 月 8 日截止，还有 4 天`
fn until(due: NaiveDate, today: NaiveDate) -> String {
    match (due - today).num_days() {
        ..0 => format!("{}已截止", day_words(due)),
        0 => "今天截止".to_owned(),
        left => format!("{}截止，还有 {left} 天", day_words(due)),
    }
}

/// By deadline: today and before, this week, after it.
pub fn grouped(mut waiting: Vec<Waiting>, today: NaiveDate) -> Vec<Group> {
    // What is due on one day keeps its order.
    waiting.sort_by_key(|one| one.due.max(today));
    let sunday = monday_of(today) + Days::new(6);
    let mut groups = [
        Group { name: format!("今天 · {}", day_words(today)), today: true, waiting: Vec::new() },
        Group { name: "本周".to_owned(), today: false, waiting: Vec::new() },
        Group { name: "之后".to_owned(), today: false, waiting: Vec::new() },
    ];
    for one in waiting {
        let group = if one.due <= today { 0 } else { 1 + usize::from(one.due > sunday) };
        groups[group].waiting.push(one);
    }
    groups.into_iter().filter(|group| !group.waiting.is_empty()).collect()
}

/// The seven stages of the term with the days that are known.
pub fn stops(standing: &ClassStanding, today: NaiveDate) -> Vec<Stop> {
    let dates = standing.dates;
    let span = |first: Option<NaiveDate>, last: Option<NaiveDate>| match (first, last) {
        (Some(first), Some(last)) => format!("{}—{}", day_words(first), day_words(last)),
        (Some(first), None) => format!("{}起", day_words(first)),
        (None, Some(last)) => format!("{}止", day_words(last)),
        (None, None) => String::new(),
    };
    let of = |step: Step| {
        let window = standing.window(step);
        span(window.opens_on, window.closes_on)
    };
    let notice = standing.notice.map_or_else(|| of(Step::Notice), |(first, last)| span(Some(first), Some(last)));
    let answered = standing.objections.iter().flatten().max().map(|due| format!("至 {}", day_words(*due)));
    let homeroom = standing.window(Step::Homeroom);
    let seal = standing.window(Step::Seal).closes_on.unwrap_or(dates.ends_on);
    let over = |last: NaiveDate| last < today;
    let now = if standing.sealed_at.is_some() {
        6
    } else if let Some((_, last)) = standing.notice {
        match () {
            () if !over(last) => 3,
            () if !standing.objections.is_empty() || standing.noticed_again_until.is_some_and(|last| !over(last)) => 4,
            () => 5,
        }
    } else if standing.signed_at.is_some() {
        3
    } else {
        usize::from(homeroom.opens_on.is_none_or(|opens| opens <= today))
    };
    [
        ("写实记录", format!("{}起", day_words(dates.starts_on))),
        ("评价", span(None, Some(homeroom.closes_on.unwrap_or(dates.ends_on)))),
        ("遴选", of(Step::Selection)),
        ("公示", notice),
        ("异议处理", answered.unwrap_or_default()),
        ("审核签字", String::new()),
        ("归档", day_words(seal)),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (word, when))| Stop {
        word,
        when,
        state: if n < now {
            "ok"
        } else if n == now {
            "now"
        } else {
            ""
        },
    })
    .collect()
}

/// An activity of the class that was written down lately.
#[derive(Clone, Debug, Serialize)]
pub struct Lately {
    pub address: String,
    pub when: String,
    pub title: String,
    pub domains: Vec<(Domain, &'static str)>,
}

/// The newest activities that a teacher or the school wrote down.
pub fn lately(book: &[Booked], class: ClassId, most: usize) -> Vec<Lately> {
    use crate::names::Role;
    let mut seen = std::collections::BTreeMap::new();
    let confirmed = book
        .iter()
        .flat_map(|pupil| &pupil.records)
        .filter(|brief| brief.state == State::Confirmed && !matches!(brief.role, Role::Learner | Role::Guardian));
    for brief in confirmed {
        seen.insert((brief.on, brief.activity), brief);
    }
    seen.into_values()
        .rev()
        .take(most)
        .map(|brief| Lately {
            address: format!("/class/{class}/records/{}", brief.activity),
            when: day_words(brief.on),
            title: brief.title.clone(),
            domains: std::iter::once(brief.domain)
                .chain(brief.also.iter().copied())
                .map(|domain| (domain, domain.character()))
                .collect(),
        })
        .collect()
}
