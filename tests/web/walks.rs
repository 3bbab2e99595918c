//! Random walks of many roles and acts against a small model of the cycle: no illegal
//! state is reached, every legal act works, the chain of the journal holds, and sealed
//! files never change. The seed is fixed; `QINGHE_WALKS` asks for more walks.
use crate::escalation::without_other_case;
use crate::portfolio::{account, sealed_files, teach_and_sign};
use crate::support::{School, TERM, term, today};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use qinghe::access::{Refused, Tx};
use qinghe::cycle::Instance;
use qinghe::evaluation::{EvaluateStudents, Wanted};
use qinghe::names::{ActivityId, CaseId, CorrectionId, Domain, ObjectionId, StudentId};
use qinghe::notice::{
    AnswerObjection, CheckClass, EscalateObjection, Item, Of, OpenNotice, RaiseObjection, ReviewClass, TakeObjection,
    Verdict, WithdrawObjection,
};
use qinghe::portfolio::{AskCorrection, RuleCorrection, SealTerm, Wish};
use qinghe::record::{Part, RecordActivity, Telling};
use qinghe::roster::at_school;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Sign,
    Open,
    Day,
    Check,
    Review,
    Seal,
    /// li's father about his own child, chen's about hers; the domain.
    Object(bool, u8),
    Answer(usize),
    Withdraw(usize),
    Escalate(usize),
    /// chen's father takes li's father's back.
    WithdrawAnothers(usize),
    /// Somebody of the committee takes one up, and answers it.
    Take(usize),
    Decide(usize),
    /// A band of li or chen becomes another one, with a reason or without.
    Change(bool, u8, bool),
    /// The teacher writes down something that li or chen did.
    Fact(bool),
    /// She asks that li's or chen's sealed comment be corrected; the office or the
    /// principal says yes or no.
    Ask(bool),
    Rule(bool, bool, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = (0u8..33, 0usize..4, proptest::bool::ANY, proptest::bool::ANY);
    let one = some.prop_map(|(kind, n, li, yes)| match kind {
        0 => Step::Sign,
        1 | 2 => Step::Open,
        3..=7 => Step::Day,
        8 => Step::Check,
        9 => Step::Review,
        10 | 11 => Step::Seal,
        12..=14 => Step::Object(li, n as u8),
        15 | 16 => Step::Answer(n),
        17 => Step::Withdraw(n),
        18 | 19 => Step::Escalate(n),
        20 => Step::WithdrawAnothers(n),
        21 | 22 => Step::Take(n),
        23 | 24 => Step::Decide(n),
        25 | 26 => Step::Change(li, n as u8, yes),
        27 => Step::Fact(li),
        28 | 29 => Step::Ask(li),
        _ => Step::Rule(li, yes, n > 0),
    });
    proptest::collection::vec(one, 16..72)
}

/// Where an objection stands in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Office(NaiveDate),
    Committee(NaiveDate),
    Refused(NaiveDate),
    Over,
}

#[derive(Debug)]
struct Objected {
    id: ObjectionId,
    li: bool,
    domain: u8,
    at: At,
    /// The case of whoever took it up, and its last day.
    taken: Option<(CaseId, NaiveDate)>,
}

/// A correction that waits: who has said yes to it.
#[derive(Debug)]
struct Asked {
    id: CorrectionId,
    office: bool,
    principal: bool,
}

#[derive(Debug, Default)]
struct Model {
    signed: bool,
    ends: Option<NaiveDateTime>,
    checked: bool,
    reviewed: bool,
    sealed: Vec<StudentId>,
    /// Versions sealed after the first.
    corrected: usize,
    objections: Vec<Objected>,
    /// How often a band was changed since it was signed: chen's and li's.
    changed: [[i32; 5]; 2],
    asked: [Option<Asked>; 2],
    facts: usize,
}

/// No holiday lies in these weeks.
fn worked_after(mut day: NaiveDate, n: usize) -> NaiveDate {
    for _ in 0..n {
        loop {
            day += Duration::days(1);
            if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                break;
            }
        }
    }
    day
}

impl Model {
    fn holds(&self, li: bool, today: NaiveDate) -> bool {
        self.objections.iter().filter(|one| one.li == li).any(|one| match one.at {
            At::Office(_) | At::Committee(_) => true,
            At::Refused(due) => due >= today,
            At::Over => false,
        })
    }
}

fn agree<T>(walk: &[Step], n: usize, model: &Model, legal: bool, done: &Result<T, Refused>) {
    let refused = match done {
        Ok(_) => None,
        Err(Refused::Broken(cause)) => panic!("step {n} of {walk:?} breaks: {cause}"),
        Err(refused) => Some(refused.words().1),
    };
    assert_eq!(refused.is_none(), legal, "step {n} {:?} of {walk:?}: {refused:?} in {model:?}", walk[n]);
    assert!(refused.is_none_or(|words| !words.is_empty()));
}

async fn walk(walk: &[Step]) {
    let school = School::open();
    let (class, term, li, chen, guan) = (school.map.class, term(), school.map.li, school.map.chen, school.map.guan);
    let stand = async |login: &str| school.operator().stand_in(account(&school, login).await).unwrap();
    let office = stand("office1").await.office().await.unwrap();
    let principal = stand("principal1").await.principal().await.unwrap();
    let homeroom = stand("lin").await.homeroom(class).await.unwrap();
    let families =
        [stand("chen-parent").await.family(chen).await.unwrap(), stand("li-parent").await.family(li).await.unwrap()];
    let committee = stand("ping").await.committee().await.unwrap();
    without_other_case(&school).await;
    let (whole, own) = (office.whole_school(), homeroom.class());
    let mut model = Model::default();
    let mut now = today();
    let mut kept: Vec<(Vec<u8>, String)> = Vec::new();
    for (n, step) in walk.iter().enumerate() {
        now += Duration::minutes(1);
        school.clock.set(now);
        let day = now.date();
        let over = model.ends.is_some_and(|ends| now >= ends);
        match *step {
            Step::Day => now += Duration::days(1),
            Step::Sign if model.signed => {
                let again = homeroom
                    .act(move |tx| {
                        let dates = qinghe::roster::calendar::term_dates(tx, term)?;
                        qinghe::evaluation::SignClass::prepare(tx, &own, term, dates, true)
                    })
                    .await;
                agree(walk, n, &model, false, &again);
            }
            Step::Sign => {
                teach_and_sign(&school, &school.sign_in_now("lin").await, term).await;
                model.signed = true;
            }
            Step::Open => {
                let legal = model.signed && model.ends.is_none();
                let done =
                    office.act(move |tx| OpenNotice::prepare(tx, whole, class, term, "自评的窗口已经过了")).await;
                agree(walk, n, &model, legal, &done);
                if let Ok((_, last)) = done {
                    model.ends = Some(last.and_hms_opt(17, 0, 0).unwrap());
                }
            }
            Step::Check => {
                let done = homeroom.act(move |tx| CheckClass::prepare(tx, &own, term)).await;
                agree(walk, n, &model, over && !model.checked, &done);
                model.checked |= done.is_ok();
            }
            Step::Review => {
                let done = office.act(move |tx| ReviewClass::prepare(tx, whole, class, term)).await;
                agree(walk, n, &model, model.checked && !model.reviewed, &done);
                model.reviewed |= done.is_ok();
            }
            Step::Seal => {
                let ready: Vec<StudentId> = [(li, Some(true)), (chen, Some(false)), (guan, None)]
                    .into_iter()
                    .filter(|(id, held)| !model.sealed.contains(id) && !held.is_some_and(|li| model.holds(li, day)))
                    .map(|(id, _)| id)
                    .collect();
                let done = principal.act(move |tx| SealTerm::prepare(tx, whole, "石泉县", class, term)).await;
                agree(walk, n, &model, model.reviewed && !ready.is_empty(), &done);
                if let Ok((sealed, _)) = done {
                    assert_eq!(sealed, ready.len(), "{walk:?}");
                    model.sealed.extend(ready);
                }
            }
            Step::Object(of_li, domain) => {
                let family = &families[usize::from(of_li)];
                let (child, student) = (family.child(), if of_li { li } else { chen });
                let wanted = Domain::ALL[usize::from(domain)];
                let done = family
                    .act(move |tx| {
                        let at = at_school(tx, child)?;
                        let (part, item) = (qinghe::cycle::Part::Term, Item::Band(wanted));
                        let of = Of { class: at.class, term, part, student, item };
                        RaiseObjection::prepare(tx, &of, "不对", Vec::new())
                    })
                    .await;
                let twice = model.objections.iter().any(|one| one.li == of_li && one.domain == domain);
                agree(walk, n, &model, model.signed && !over && !twice, &done);
                if let Ok(id) = done {
                    let at = At::Office(worked_after(day, 3));
                    model.objections.push(Objected { id, li: of_li, domain, at, taken: None });
                }
            }
            Step::Answer(which) => {
                let Some(one) = model.objections.get(which) else { continue };
                let (id, legal) = (one.id, matches!(one.at, At::Office(_)));
                let done = office
                    .act(move |tx| AnswerObjection::prepare(tx, id, Instance::Office, Verdict::Stands, "维持不变"))
                    .await;
                agree(walk, n, &model, legal, &done);
                if done.is_ok() {
                    model.objections[which].at = At::Refused(worked_after(day, 5));
                }
            }
            Step::Withdraw(which) | Step::WithdrawAnothers(which) => {
                let Some(one) = model.objections.get(which) else { continue };
                let mine = matches!(step, Step::Withdraw(_));
                let family = &families[usize::from(one.li == mine)];
                let rests = match one.at {
                    At::Refused(due) => due >= day,
                    at => at != At::Over,
                };
                let id = one.id;
                let done = family.act(move |tx| WithdrawObjection::prepare(tx, id)).await;
                agree(walk, n, &model, mine && rests, &done);
                if done.is_ok() {
                    model.objections[which].at = At::Over;
                }
            }
            Step::Escalate(which) => {
                let Some(one) = model.objections.get(which) else { continue };
                let legal = match one.at {
                    At::Office(due) => due < day,
                    At::Refused(due) => due >= day,
                    // Late as well, it goes on to the county.
                    At::Committee(due) => due < day,
                    At::Over => false,
                };
                if legal && matches!(one.at, At::Committee(_)) {
                    continue;
                }
                let (id, family) = (one.id, &families[usize::from(one.li)]);
                let done = family.act(move |tx| EscalateObjection::prepare(tx, id, "请复核", Vec::new())).await;
                agree(walk, n, &model, legal, &done);
                if done.is_ok() {
                    model.objections[which].at = At::Committee(worked_after(day, 5));
                }
            }
            Step::Take(which) => {
                let Some(one) = model.objections.get(which) else { continue };
                let (id, due) = (one.id, if let At::Committee(due) = one.at { Some(due) } else { None });
                let stands = one.taken.is_some_and(|(_, until)| until >= day);
                let done = committee.act(move |tx| TakeObjection::by_committee(tx, id, &[class])).await;
                agree(walk, n, &model, due.is_some() && !stands, &done);
                if let (Ok(case), Some(due)) = (done, due) {
                    model.objections[which].taken = Some((case, due.max(worked_after(day, 5))));
                }
            }
            Step::Decide(which) => {
                let Some(one) = model.objections.get(which) else { continue };
                let Some((case, until)) = one.taken else { continue };
                let legal = matches!(one.at, At::Committee(_)) && until >= day;
                let answer = format!("/case/{case}/objections/{}/answer", one.id);
                let stands = [("verdict", "stands"), ("text", "查过材料，维持不变。")];
                let done = school.sign_in_now("ping").await.post(&answer, &stands).await;
                assert_eq!(done.status == 303, legal, "step {n} of {walk:?}: {} in {model:?}", done.text);
                assert!(legal || done.status == 404 || done.status == 409, "{}", done.status);
                if legal {
                    model.objections[which].at = At::Refused(worked_after(day, 5));
                }
            }
            Step::Change(of_li, domain, reasoned) if model.signed => {
                let student = if of_li { li } else { chen };
                let place = (usize::from(of_li), usize::from(domain));
                let revision = 1 + model.changed[place.0][place.1];
                let band = if revision % 2 == 0 { "good" } else { "qualified" };
                let (domain, band) = (Domain::ALL[place.1], band.parse().ok());
                let wanted = Wanted { student, domain, band, ground: None, help: None, revision };
                let reason = reasoned.then_some("班级复核时发现记错了");
                let done = homeroom
                    .try_act(move |tx| EvaluateStudents::prepare(tx, &own, term, &[wanted], &[], reason, 300))
                    .await
                    .map(|done| assert!(done.is_ok_and(|outcome| outcome.conflicts.is_empty())));
                agree(walk, n, &model, reasoned && !model.sealed.contains(&student), &done);
                if done.is_ok() {
                    model.changed[place.0][place.1] += 1;
                }
            }
            // Before signing the whole class is filled in at once.
            Step::Change(..) => {}
            Step::Fact(of_li) => {
                let student = if of_li { li } else { chen };
                let on = NaiveDate::from_ymd_opt(2026, 12, 28).unwrap();
                let told = Telling {
                    indicator: "D31".to_owned(),
                    domain: Domain::Moral,
                    also: Vec::new(),
                    title: format!("第 {n} 步做的事"),
                    starts_on: on,
                    ends_on: on,
                    place: None,
                    organiser: None,
                    level: None,
                    minutes: None,
                    attained: None,
                    words: None,
                };
                let pupils = [(student, Part::Participant)];
                let done = homeroom
                    .try_act(move |tx| {
                        RecordActivity::prepare(tx, &own, ActivityId::new(), told, false, &pupils, Vec::new())
                    })
                    .await
                    .map(|done| assert!(done.is_ok()));
                agree(walk, n, &model, model.ends.is_none(), &done);
                model.facts += usize::from(done.is_ok());
            }
            Step::Ask(of_li) => {
                let student = if of_li { li } else { chen };
                let (item, comment) = ("comment".to_owned(), format!("第 {n} 步更正的评语。"));
                let wish = Wish { item, comment, why: "评语写错了字".to_owned(), ..Wish::default() };
                let done = homeroom.act(move |tx| AskCorrection::prepare(tx, student, term, &wish)).await;
                let waits = model.asked[usize::from(of_li)].is_some();
                agree(walk, n, &model, model.sealed.contains(&student) && !waits, &done);
                if let Ok(id) = done {
                    model.asked[usize::from(of_li)] = Some(Asked { id, office: false, principal: false });
                }
            }
            Step::Rule(of_li, by_office, approves) => {
                let Some(asked) = &model.asked[usize::from(of_li)] else { continue };
                let (id, said) = (asked.id, if by_office { asked.office } else { asked.principal });
                let rule = move |tx: &mut Tx| RuleCorrection::prepare(tx, whole, id, approves, "核对过原件");
                let done = if by_office { office.act(rule).await } else { principal.act(rule).await };
                agree(walk, n, &model, !said, &done);
                if let Ok(sealed) = done {
                    let asked = model.asked[usize::from(of_li)].as_mut().unwrap();
                    *(if by_office { &mut asked.office } else { &mut asked.principal }) = true;
                    assert_eq!(sealed, approves && asked.office && asked.principal, "{walk:?}");
                    if sealed || !approves {
                        model.asked[usize::from(of_li)] = None;
                    }
                    model.corrected += usize::from(sealed);
                }
            }
        }
        if matches!(step, Step::Seal | Step::Answer(_) | Step::Sign | Step::Rule(..) | Step::Change(..)) {
            let files = sealed_files::<serde_json::Value>(&school, "term").await;
            assert_eq!(files.len(), model.sealed.len() + model.corrected, "{walk:?}");
            assert_eq!(school.count("activity"), model.facts as i64, "{walk:?}");
            for (bytes, sha256) in &kept {
                assert!(files.iter().any(|(_, b, s)| b == bytes && s == sha256), "a sealed file changed: {walk:?}");
            }
            kept = files.into_iter().map(|(_, bytes, sha256)| (bytes, sha256)).collect();
        }
    }
    let keys = school.door.house().keys.clone();
    let chains = school.operator().survey(move |conn| Ok(qinghe::journal::check(conn, &keys)?)).await.unwrap();
    assert!(!chains.is_empty() && chains.iter().all(|chain| chain.broken.is_none()), "{walk:?}");
    let _ = TERM;
}

#[actix_web::test]
async fn random_walks_reach_no_illegal_state() {
    let walks: usize = std::env::var("QINGHE_WALKS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..walks {
        let tree = steps().new_tree(&mut runner).unwrap();
        walk(&tree.current()).await;
    }
}
