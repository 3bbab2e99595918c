use super::Matter;
use crate::access::own::reminder;
use crate::access::{Act, Attempt, Families, Look, OwnClass, Refused, Tx, WholeSchool, families};
use crate::cycle::{Step, window};
use crate::evaluation::board::{Desk, board};
use crate::evaluation::confirmed_selves;
use crate::names::{AccountId, ClassId, ReminderId, StudentId, Term};
use crate::record::{ClassWeek, HouseworkState, class_housework, class_selections};
use crate::roster::calendar::term_dates;
use crate::roster::{class_list, homerooms};
use crate::scheme::scheme_of;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A pupil of one's own class who has not yet done something, or whose family has not.
#[derive(Clone, Debug)]
pub struct Waits {
    pub student: StudentId,
    pub seat: i32,
    pub name: String,
    /// The weeks a guardian has yet to confirm, where the matter is housework.
    pub weeks: Vec<ClassWeek>,
}

/// Who of one's own class is waited for in a matter, in seat order.
///
/// # Errors
/// [`Refused::NotFound`] for a matter that is no pupil's.
pub fn still_waiting(look: &mut Look, own: &OwnClass, matter: Matter) -> Result<Vec<Waits>, Refused> {
    let dates = term_dates(look, own.term())?;
    let pupils = class_list(look, own, dates)?;
    let mut weeks: HashMap<StudentId, Vec<ClassWeek>> = HashMap::new();
    let waiting: HashSet<StudentId> = match matter {
        Matter::OwnWords => {
            let scheme = scheme_of(look, own.cohort(), own.term())?;
            let done = confirmed_selves(look, own, dates, &scheme)?;
            pupils.iter().map(|pupil| pupil.id).filter(|id| !done.contains(id)).collect()
        }
        Matter::Selection => {
            let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
            let stands = class_selections(look, own.term(), &students)?;
            students.into_iter().filter(|id| stands.get(id).is_none_or(|(of, _)| !of.confirmed)).collect()
        }
        Matter::Housework => {
            for week in class_housework(look, own, dates)? {
                if week.state == HouseworkState::Said {
                    weeks.entry(week.student).or_default().push(week);
                }
            }
            weeks.keys().copied().collect()
        }
        Matter::Class => return Err(Refused::NotFound),
    };
    Ok(pupils
        .into_iter()
        .filter(|pupil| waiting.contains(&pupil.id))
        .map(|pupil| Waits {
            student: pupil.id,
            seat: pupil.seat,
            name: pupil.name,
            weeks: weeks.remove(&pupil.id).unwrap_or_default(),
        })
        .collect())
}

/// Whom a matter about each of these pupils is told: the pupil where they have an account
/// and it is theirs to do, else the guardians.
fn told_of(
    look: &mut Look,
    matter: Matter,
    students: &[StudentId],
) -> Result<BTreeMap<StudentId, Vec<AccountId>>, Refused> {
    let Families { pupils, guardians } = families(look, students)?;
    let mut told = if matter == Matter::Housework { BTreeMap::new() } else { pupils };
    for (student, accounts) in guardians {
        told.entry(student).or_insert(accounts);
    }
    Ok(told)
}

#[derive(Clone, Debug, Serialize)]
struct Addressed {
    reminder: ReminderId,
    account: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    student: Option<StudentId>,
}

/// Who was reminded of a matter today already, and about whom.
fn reminded_today(
    look: &mut Look,
    matter: Matter,
    class: ClassId,
) -> Result<HashSet<(AccountId, Option<StudentId>)>, Refused> {
    let today = look.today();
    let rows: Vec<(AccountId, Option<StudentId>)> = look
        .own(reminder::rows)
        .filter(reminder::matter.eq(matter))
        .filter(reminder::class_id.eq(class))
        .filter(reminder::day.eq(today))
        .select((reminder::account_id, reminder::student_id))
        .load(look.conn())?;
    Ok(rows.into_iter().collect())
}

fn put_reminders(tx: &mut Tx, matter: Matter, class: ClassId, term: Term, to: &[Addressed]) -> Result<usize, Refused> {
    let (by, role, at, day) = (tx.by().person()?, tx.by().role(), tx.now(), tx.today());
    let rows = to.iter().map(|to| {
        (
            (reminder::id.eq(to.reminder), reminder::account_id.eq(to.account), reminder::matter.eq(matter)),
            (reminder::class_id.eq(class), reminder::student_id.eq(to.student), reminder::term.eq(term)),
            (reminder::day.eq(day), reminder::by_id.eq(by), reminder::role.eq(role.code()), reminder::at.eq(at)),
        )
    });
    Ok(tx.put_all(reminder::rows, rows.collect())?)
}

/// The homeroom teacher reminds the families of those who have not yet done something.
#[derive(Debug, Serialize)]
pub struct Remind {
    class: ClassId,
    term: Term,
    matter: Matter,
    to: Vec<Addressed>,
}

impl Remind {
    /// Who has done it meanwhile, or was told today, is left in peace.
    ///
    /// # Errors
    /// As [`Tx::taught`]; [`Refused::Conflict`] outside the matter's window.
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        matter: Matter,
        wanted: &[StudentId],
    ) -> Result<Attempt<Self, usize>, Refused> {
        tx.taught(own, wanted)?;
        let step = match matter {
            Matter::OwnWords => Some(Step::Pupil),
            Matter::Selection => Some(Step::Selection),
            Matter::Housework | Matter::Class => None,
        };
        if let Some(step) = step {
            window(tx, step, own.term())?.check(step, tx.today())?;
        }
        let waiting = still_waiting(tx, own, matter)?;
        let students: Vec<StudentId> =
            waiting.iter().map(|waits| waits.student).filter(|student| wanted.contains(student)).collect();
        let known = reminded_today(tx, matter, own.id())?;
        let mut to = Vec::new();
        for (student, accounts) in told_of(tx, matter, &students)? {
            let new = accounts.into_iter().filter(|account| !known.contains(&(*account, Some(student))));
            to.extend(new.map(|account| Addressed { reminder: ReminderId::new(), account, student: Some(student) }));
        }
        if to.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        Ok(Attempt::Act(Remind { class: own.id(), term: own.term(), matter, to }))
    }
}

impl Act for Remind {
    const VERB: &'static str = "families_reminded";
    /// How many people were told.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.to.iter().filter_map(|to| to.student).collect();
        json!({ "class": self.class, "term": self.term, "matter": self.matter, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        put_reminders(tx, self.matter, self.class, self.term, &self.to)
    }
}

/// The office reminds the class teacher who is waited for.
#[derive(Debug, Serialize)]
pub struct RemindTeacher {
    class: ClassId,
    term: Term,
    to: Vec<Addressed>,
}

impl RemindTeacher {
    /// # Errors
    /// [`Refused::NotFound`] for a class that is not on the board; [`Refused::Conflict`]
    /// where it is not the class teacher's turn.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, class: ClassId) -> Result<Attempt<Self, usize>, Refused> {
        let board = board(tx, whole)?;
        let row = board.grades.iter().flat_map(|grade| &grade.classes).find(|row| row.id == class);
        if row.ok_or(Refused::NotFound)?.waits != Desk::Homeroom {
            return Err(Refused::conflict("这个班现在不等班主任，没有发提醒。请刷新看板再看。"));
        }
        let known = reminded_today(tx, Matter::Class, class)?;
        let to: Vec<Addressed> = homerooms(tx, whole, board.term)?
            .into_iter()
            .filter(|(of, account, ..)| *of == class && !known.contains(&(*account, None)))
            .map(|(_, account, ..)| Addressed { reminder: ReminderId::new(), account, student: None })
            .collect();
        if to.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        Ok(Attempt::Act(RemindTeacher { class, term: board.term, to }))
    }
}

impl Act for RemindTeacher {
    const VERB: &'static str = "teacher_reminded";
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term, "matter": Matter::Class })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        put_reminders(tx, Matter::Class, self.class, self.term, &self.to)
    }
}
