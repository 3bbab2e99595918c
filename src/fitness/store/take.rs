use super::{Sitting, fitness_test, revisions};
use crate::access::{Act, Charge, KnownClass, PhysicalEducation, Refused, Tx, WholeSchool};
use crate::fitness::{Item, Measures, STANDARD_VERSION, TestedGrade};
use crate::names::{ClassId, StudentId};
use crate::platform::keys::Keys;
use crate::roster::calendar::present_term;
use crate::roster::{keep_waiting, take_out};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

const WAITING_PLACE: &str = "import_waiting.fitness";

/// A pupil's measures, as a dry run has accepted them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    pub student: StudentId,
    pub measures: Measures,
}

/// The accepted rows of one class.
#[derive(Serialize, Deserialize)]
pub struct OfClass {
    pub class: ClassId,
    pub rows: Vec<Accepted>,
}

/// What waits under a token: which sitting, and the rows class by class.
#[derive(Serialize, Deserialize)]
struct Waiting {
    sitting: Sitting,
    classes: Vec<OfClass>,
}

/// The accepted rows of a PE workbook wait, sealed, for an hour.
#[derive(Serialize)]
pub struct WaitForTests {
    classes: Vec<ClassId>,
    rows: usize,
    #[serde(skip)]
    sealed: Vec<u8>,
}

impl WaitForTests {
    pub fn new(keys: &Keys, sitting: Sitting, classes: Vec<OfClass>) -> Result<Self, Refused> {
        let rows = classes.iter().map(|of| of.rows.len()).sum();
        let named = classes.iter().map(|of| of.class).collect();
        let waiting = serde_json::to_vec(&Waiting { sitting, classes }).map_err(Refused::broken)?;
        Ok(WaitForTests { classes: named, rows, sealed: keys.seal(WAITING_PLACE, &waiting) })
    }
}

impl Act for WaitForTests {
    const VERB: &'static str = "fitness_tried";
    type Done = String;

    fn about(&self) -> serde_json::Value {
        json!({ "classes": self.classes, "pupils": self.rows })
    }

    fn perform(&self, tx: &mut Tx) -> Result<String, Refused> {
        keep_waiting(tx, &self.sealed)
    }
}

/// The PE teacher takes the measures of a class: many pupils are one act. The
/// journal holds who and when; the measures stand in their table alone.
#[derive(Serialize)]
pub struct TakeTests {
    class: ClassId,
    year: i32,
    sitting: Sitting,
    grade: TestedGrade,
    tests: Vec<NewTest>,
}

#[derive(Serialize)]
struct NewTest {
    charge: Charge,
    revision: i32,
    #[serde(skip)]
    measures: Measures,
}

/// What waits under a token, made into the act.
///
/// # Errors
/// [`Refused::Conflict`] when it was taken already, the hour is over, it is of
/// another class, or a pupil's term is sealed meanwhile.
pub fn take_waiting_tests(tx: &mut Tx, pe: &PhysicalEducation, token: &str) -> Result<TakeTests, Refused> {
    let rows = take_out(tx, &pe.house().keys, WAITING_PLACE, token)?;
    let waiting: Waiting = serde_json::from_slice(&rows).map_err(Refused::broken)?;
    let own = pe.class();
    match <[OfClass; 1]>::try_from(waiting.classes) {
        Ok([of]) if of.class == own.id() => TakeTests::prepare(tx, &own, waiting.sitting, of.rows),
        _ => Err(Refused::conflict("这次试跑是另一个班的。请回到那个班收下，或重新选文件。")),
    }
}

/// The office takes the measures of several classes in one.
#[derive(Serialize)]
pub struct TakeSchoolTests(Vec<TakeTests>);

/// As [`take_waiting_tests`], of the classes of a school.
///
/// # Errors
/// As [`take_waiting_tests`]; a class that is not taught this year is a conflict.
pub fn take_waiting_school(
    tx: &mut Tx,
    whole: WholeSchool,
    keys: &Keys,
    token: &str,
) -> Result<TakeSchoolTests, Refused> {
    let rows = take_out(tx, keys, WAITING_PLACE, token)?;
    let waiting: Waiting = serde_json::from_slice(&rows).map_err(Refused::broken)?;
    let term = present_term(tx)?.term;
    let classes = whole.classes(tx, term)?;
    let of_class = |of: OfClass| {
        let class = classes.iter().find(|class| class.id() == of.class);
        let class = class.ok_or_else(|| Refused::conflict("有一个班本学年已经不在了。请重新选文件试跑。"))?;
        TakeTests::prepare(tx, class, waiting.sitting, of.rows)
    };
    Ok(TakeSchoolTests(waiting.classes.into_iter().map(of_class).collect::<Result<_, _>>()?))
}

impl Act for TakeSchoolTests {
    const VERB: &'static str = "school_fitness_taken";
    /// How many pupils' measures came in.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "classes": self.0.iter().map(Act::about).collect::<Vec<_>>() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        self.0.iter().map(|of| of.perform(tx)).sum()
    }
}

impl TakeTests {
    /// # Errors
    /// As [`Tx::taught`].
    pub fn prepare(tx: &mut Tx, own: &impl KnownClass, sitting: Sitting, rows: Vec<Accepted>) -> Result<Self, Refused> {
        let year = own.term().year();
        let grade =
            own.class_name().cohort.grade_in(year).ok_or_else(|| Refused::conflict("这个班本学年不在七到九年级。"))?;
        let students: Vec<StudentId> = rows.iter().map(|row| row.student).collect();
        let charges = tx.taught(own, &students)?;
        let revisions = revisions(tx, &students, year, sitting)?;
        let tests = rows
            .into_iter()
            .map(|row| {
                let charge = charges.get(&row.student).copied().ok_or(Refused::NotFound)?;
                let revision = revisions.get(&row.student).map_or(1, |newest| newest + 1);
                Ok(NewTest { charge, revision, measures: row.measures })
            })
            .collect::<Result<_, Refused>>()?;
        Ok(TakeTests { class: own.id(), year, sitting, grade: grade.into(), tests })
    }
}

impl Act for TakeTests {
    const VERB: &'static str = "fitness_taken";
    /// How many pupils' measures came in.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.tests.iter().map(|test| test.charge.student()).collect();
        json!({ "class": self.class, "year": self.year, "sitting": self.sitting, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        for test in &self.tests {
            let of = |item| test.measures.get(item);
            tx.put(
                fitness_test::rows,
                (
                    (
                        fitness_test::student_id.eq(test.charge.student()),
                        fitness_test::year.eq(self.year),
                        fitness_test::sitting.eq(self.sitting),
                        fitness_test::revision.eq(test.revision),
                        fitness_test::grade.eq(self.grade),
                        fitness_test::standard.eq(STANDARD_VERSION),
                        fitness_test::exempt.eq(test.measures.exempt),
                    ),
                    (
                        fitness_test::height_cm.eq(of(Item::Height)),
                        fitness_test::weight_kg.eq(of(Item::Weight)),
                        fitness_test::vital_capacity.eq(of(Item::VitalCapacity)),
                        fitness_test::run_50m.eq(of(Item::Run50m)),
                        fitness_test::sit_and_reach.eq(of(Item::SitAndReach)),
                        fitness_test::rope_skip_1min.eq(of(Item::RopeSkip)),
                        fitness_test::long_jump.eq(of(Item::LongJump)),
                        fitness_test::pull_up.eq(of(Item::PullUp)),
                        fitness_test::sit_up_1min.eq(of(Item::SitUp)),
                        fitness_test::shuttle_50x8.eq(of(Item::Shuttle)),
                        fitness_test::run_1000m.eq(of(Item::Run1000m)),
                        fitness_test::run_800m.eq(of(Item::Run800m)),
                    ),
                    (fitness_test::account_id.eq(by), fitness_test::at.eq(at)),
                ),
            )?;
        }
        Ok(self.tests.len())
    }
}
