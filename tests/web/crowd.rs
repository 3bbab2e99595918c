//! The evening on which every class closes: forty classes, five people each, all saving at
//! once. Nothing is lost, nothing stands twice, nobody waits for ever.
use crate::support::{School, pupil, term};
use futures_util::future::join_all;
use qinghe::access::{Homeroom, Subject};
use qinghe::account::{Login, NewAccount};
use qinghe::evaluation::{Band, BandSubject, EvaluateStudents, Wanted, WantedSubject};
use qinghe::names::{ClassId, Cohort, Domain, Sex, StudentId};
use qinghe::roster::{AdmitPupil, AppointStaff, Appointment, OpenClass, Position};
use std::time::{Duration, Instant};

const CLASSES: i32 = 40;
const PUPILS: i32 = 3;
const SUBJECTS: [&str; 4] = ["语文", "数学", "英语", "音乐"];

enum Saver {
    Homeroom(Homeroom, Vec<StudentId>),
    Subject(Subject, &'static str, Vec<StudentId>),
}

impl Saver {
    /// One page's worth, as the keyboard sends it; each round says something else.
    async fn save(&self, round: i32) {
        let band = Some(Band::all()[1 + round as usize % 2]);
        match self {
            Saver::Homeroom(desk, pupils) => {
                let cells = |student: &StudentId| {
                    let cell = |domain: &Domain| Wanted {
                        student: *student,
                        domain: *domain,
                        band,
                        ground: None,
                        help: None,
                        revision: round,
                    };
                    Domain::ALL.iter().map(cell).collect::<Vec<_>>()
                };
                let (own, cells) = (desk.class(), pupils.iter().flat_map(cells).collect::<Vec<_>>());
                let outcome = desk
                    .try_act(move |tx| EvaluateStudents::prepare(tx, &own, term(), &cells, &[], None, 500))
                    .await
                    .unwrap();
                assert!(outcome.ok().unwrap().conflicts.is_empty());
            }
            Saver::Subject(desk, subject, pupils) => {
                let wanted: Vec<WantedSubject> = pupils
                    .iter()
                    .map(|student| WantedSubject { student: *student, band, line: None, revision: round })
                    .collect();
                let (own, subject) = (desk.class(), desk.own(subject).unwrap());
                let outcome = desk
                    .try_act(move |tx| BandSubject::prepare(tx, &own, &subject, term(), &wanted, None))
                    .await
                    .unwrap();
                assert!(outcome.ok().unwrap().conflicts.is_empty());
            }
        }
    }
}

async fn open_class(school: &School, number: i32) -> (ClassId, Vec<StudentId>) {
    let office = school.operator().school_office("3121042101").await.unwrap();
    let class = office.act(move |_| Ok(OpenClass { cohort: Cohort(2025), number })).await.unwrap();
    let mut pupils = Vec::new();
    for seat in 1..=PUPILS {
        let new = pupil("温如言", seat, (100 + number * PUPILS + seat) as u32, Sex::Female);
        let act = AdmitPupil::new(&office.house().keys, class, new);
        pupils.push(office.act(move |_| Ok(act)).await.unwrap());
    }
    (class, pupils)
}

/// Five people of a class at their desks.
async fn seat(school: &School, number: i32) -> Vec<Saver> {
    let (class, pupils) = open_class(school, number).await;
    let office = school.operator().school_office("3121042101").await.unwrap();
    let appoint = async |login: String, position| {
        let who = Appointment::New(NewAccount { login: Login::parse(&login).unwrap(), name: "许多人".to_owned() });
        let account = office.act(move |_| Ok(AppointStaff { who, position })).await.unwrap();
        school.operator().stand_in(account).unwrap()
    };
    let homeroom = appoint(format!("h{number}"), Position::Homeroom { class, term: term() }).await;
    let mut savers = vec![Saver::Homeroom(homeroom.homeroom(class).await.unwrap(), pupils.clone())];
    for (n, subject) in SUBJECTS.into_iter().enumerate() {
        let position = Position::Subject { class, term: term(), subject: subject.to_owned() };
        let teacher = appoint(format!("s{number}-{n}"), position).await;
        savers.push(Saver::Subject(teacher.subject(class).await.unwrap(), subject, pupils.clone()));
    }
    savers
}

#[actix_web::test]
async fn two_hundred_people_saving_at_once_lose_nothing_and_double_nothing() {
    let school = School::open();
    let mut savers = Vec::new();
    for number in 10..10 + CLASSES {
        savers.extend(seat(&school, number).await);
    }
    assert_eq!(savers.len(), 200);
    let acts = school.count("journal");
    join_all(savers.iter().map(|saver| saver.save(0))).await;
    assert_eq!(school.count("journal"), acts + 200, "one act a save");
    assert_eq!(school.count("banding"), i64::from(CLASSES * PUPILS * 5));
    assert_eq!(school.count("subject_band"), i64::from(CLASSES * PUPILS * 4));
    let doubled = "(SELECT 1 FROM banding GROUP BY school_id, student_id, term, domain HAVING count(*) > 1) AS twice";
    assert_eq!(school.count(doubled), 0);
    assert_eq!(crate::journal::broken(&school).await, None);
}

/// The 99th of a hundred, in milliseconds.
fn p99(mut took: Vec<f64>) -> f64 {
    took.sort_by(f64::total_cmp);
    took[(took.len() * 99).div_ceil(100) - 1]
}

async fn timed(saver: &Saver, round: i32) -> f64 {
    let begun = Instant::now();
    saver.save(round).await;
    begun.elapsed().as_secs_f64() * 1000.0
}

/// How often a person saves who goes through a class without haste.
const PACE: Duration = Duration::from_secs(5);
const ROUNDS: i32 = 6;

/// What each save of an evening takes: two hundred people, each at their own moment of
/// every five seconds.
async fn evening(savers: &[Saver]) -> Vec<f64> {
    let begun = Instant::now();
    let person = async |n: usize, saver: &Saver| {
        let mut took = Vec::new();
        for round in 1..=ROUNDS {
            let due = PACE * (round - 1) as u32 + PACE * n as u32 / savers.len() as u32;
            actix_web::rt::time::sleep(due.saturating_sub(begun.elapsed())).await;
            took.push(timed(saver, round).await);
        }
        took
    };
    join_all(savers.iter().enumerate().map(|(n, saver)| person(n, saver))).await.concat()
}

/// By hand: `QINGHE_CROWD=1 cargo test --test web crowd -- --nocapture`. A clock on a shared
/// machine proves nothing, so nothing is asserted of it: it prints what one save takes when
/// forty people save one after the other, when two hundred press the key in one moment, and
/// when two hundred go through their classes all evening.
#[actix_web::test]
async fn how_long_two_hundred_people_wait() {
    if std::env::var("QINGHE_CROWD").is_err() {
        return;
    }
    let school = School::open();
    let (mut alone, mut crowd) = (Vec::new(), Vec::new());
    for number in 10..10 + CLASSES / 5 {
        for saver in seat(&school, number).await {
            alone.push(timed(&saver, 0).await);
        }
    }
    let mut savers = Vec::new();
    for number in 20..20 + CLASSES {
        savers.extend(seat(&school, number).await);
    }
    let begun = Instant::now();
    crowd.extend(join_all(savers.iter().map(|saver| timed(saver, 0))).await);
    let all = begun.elapsed().as_secs_f64() * 1000.0;
    let evening = p99(evening(&savers).await);
    let (alone, crowd) = (p99(alone), p99(crowd));
    println!(
        "one after the other: p99 {alone:.1} ms; 200 in one moment: p99 {crowd:.1} ms, all done after {all:.1} ms"
    );
    println!("200 people, a save each every {} s: p99 {evening:.1} ms", PACE.as_secs());
}
