//! What goes with a pupil to the next school, and how it is taken in there.
use crate::place::Place;
use crate::portfolio::{account, seal_term, sealed_files, teach_and_sign};
use crate::support::{School, TERM, pupil, scratch};
use qinghe::access::{Door, House, Operator, Refused};
use qinghe::account::{Login, NewAccount};
use qinghe::names::{Cohort, Half, Sex, StudentId, Term};
use qinghe::platform::clock::Clock;
use qinghe::platform::db::Database;
use qinghe::platform::keys::Keys;
use qinghe::platform::signing::{BadToken, PinnedKeys};
use qinghe::portfolio::file::{Previous, TermFile};
use qinghe::portfolio::handover::{BadPackage, Sender, close, receive};
use qinghe::portfolio::{SealTerm, TakeOver, package_of};
use qinghe::roster::{AdmitPupil, AppointStaff, Appointment, JoinSchool, OpenClass, Position};
use serde_json::json;
use std::path::{Path, PathBuf};

const SCHOOL: &str = "3121042101";

/// The package of a pupil, written by the command, and its passphrase.
fn export(place: &Place, student: StudentId) -> (PathBuf, String) {
    let out = scratch().join(format!("{}.zip", uuid::Uuid::now_v7()));
    let words = ["export", "handover", "--school", SCHOOL, "--student", &student.to_string(), out.to_str().unwrap()];
    let (code, said, complaint) = place.run(&words);
    assert_eq!(code, 0, "{said}{complaint}");
    let passphrase =
        said.lines().find_map(|line| line.split_once("：").filter(|(what, _)| what.contains("口令"))).unwrap().1;
    (out, passphrase.to_owned())
}

async fn one_term_sealed(school: &School) {
    teach_and_sign(school, &school.sign_in("lin").await, TERM.parse().unwrap()).await;
    assert_eq!(seal_term(school, TERM.parse().unwrap()).await.unwrap().0, 3);
}

fn import(place: &Place, school: &str, file: &Path, more: &[&str]) -> (i32, String, String) {
    let mut words = vec!["import", "handover", "--school", school, file.to_str().unwrap()];
    words.extend_from_slice(more);
    place.run(&words)
}

#[actix_web::test]
async fn inside_the_county_the_next_school_goes_on_where_the_last_one_stopped() {
    let school = School::open();
    one_term_sealed(&school).await;
    let place = Place::of(&school);
    let (package, _) = export(&place, school.map.li);
    let bytes = std::fs::read(&package).unwrap();
    let (code, said, complaint) = place.run(&["verify", package.to_str().unwrap()]);
    assert!(code == 0 && said.contains("李＊＊") && said.contains("urn:qinghe:210499"), "{said}{complaint}");
    assert!(!said.contains("李沐阳") && !bytes.windows(6).any(|w| w == "沐阳".as_bytes()), "closed is closed");

    let office = school.operator().school_office("3121042102").await.unwrap();
    let (code, _, complaint) = import(&place, "3121042102", &package, &[]);
    assert!(code == 1 && complaint.contains("请先把学生收进学籍"), "{complaint}");
    let twin = AdmitPupil::new(&office.house().keys, school.map.far_class, pupil("李沐阳", 2, 31, Sex::Male));
    let moved = office.act(move |_| Ok(twin)).await.unwrap();
    let (code, said, complaint) = import(&place, "3121042102", &package, &["--dry-run"]);
    assert!(code == 0 && said.contains("李沐阳") && !said.contains("收下"), "{said}{complaint}");
    let (code, said, complaint) = import(&place, "3121042102", &package, &[]);
    assert!(code == 0 && said.contains("收下 1 个学期"), "{said}{complaint}");
    let (code, _, complaint) = import(&place, "3121042102", &package, &[]);
    assert!(code == 1 && complaint.contains("已经有档案"), "{complaint}");

    // The next term there holds to the one that came.
    let next = Term::of(2026, Half::Second);
    school.clock.set(chrono::NaiveDate::from_ymd_opt(2027, 7, 5).unwrap().and_hms_opt(10, 0, 0).unwrap());
    let teacher = account(&school, "lin2").await;
    let position = Position::Homeroom { class: school.map.far_class, term: next };
    office.act(move |_| Ok(AppointStaff { who: Appointment::Known(teacher), position })).await.unwrap();
    let lin2 = school.sign_in_now("lin2").await;
    let (class, both) = (school.map.far_class, [moved, school.map.yu]);
    let mut cells = Vec::new();
    for student in both {
        for domain in ["moral", "academic", "physical", "aesthetic", "labour"] {
            cells.push(json!({ "student": student, "domain": domain, "band": "good", "revision": 0 }));
        }
    }
    assert_eq!(lin2.json(&format!("/class/{class}/{next}/cells"), &json!(cells)).await.status, 200);
    let words: Vec<_> =
        both.iter().map(|s| json!({ "student": s, "text": format!("{s} 来了就肯干。"), "revision": 0 })).collect();
    assert_eq!(lin2.json(&format!("/class/{class}/{next}/comments"), &json!(words)).await.status, 200);
    assert_eq!(lin2.post(&format!("/class/{class}/{next}/sign"), &[]).await.status, 303);
    let new = NewAccount { login: Login::parse("principal2").unwrap(), name: "钱校长".to_owned() };
    let who = office
        .act(move |_| Ok(AppointStaff { who: Appointment::New(new), position: Position::Principal }))
        .await
        .unwrap();
    let principal = school.operator().stand_in(who).unwrap().principal().await.unwrap();
    let whole = principal.whole_school();
    crate::notice::pass_stages(&school, class, next, "lin2", "office2").await;
    let sealed = principal.act(move |tx| SealTerm::prepare(tx, whole, "石泉县", class, next)).await.unwrap();
    assert_eq!((sealed.0, sealed.1.len()), (1, 1), "{:?}", sealed.1);
    let files = sealed_files::<TermFile>(&school, "term").await;
    let (before, after) = (
        files.iter().find(|(file, ..)| file.student.id == school.map.li).unwrap(),
        files.iter().find(|(file, ..)| file.student.id == moved).unwrap(),
    );
    match &after.0.previous {
        Previous::Sealed { sha256, version, .. } => assert_eq!((sha256, *version), (&before.2, 1)),
        other => panic!("{other:?}"),
    }
}

/// Another county with a school, a class and one pupil.
async fn next_county(believed: PinnedKeys, name: &str) -> Door {
    let address = crate::support::empty_database();
    let database = Database::open(&address).unwrap();
    database.migrate().unwrap();
    let clock = Clock::default();
    clock.set(crate::support::today());
    let folder = scratch().join(uuid::Uuid::now_v7().to_string());
    let keys = Keys::make(&folder.join("keys")).unwrap();
    let mut all = keys.pinned();
    all.add(believed);
    let house = House {
        consent: qinghe::names::ConsentTexts::seed().unwrap(),
        clock,
        believed: all,
        keys,
        files: qinghe::platform::files::Files::in_folder(folder.join("files")),
        press: std::sync::Arc::new(qinghe::platform::typeset::PressRoom::new(None, None)),
        public_url: "http://localhost".to_owned(),
        county: "柳林县".to_owned(),
        county_code: "210498".to_owned(),
        demo: true,
        insecure: false,
        graded: false,
        trusted_proxy: None,
    };
    let door = Door::new(database, house);
    let operator = qinghe::command::found(&door, "柳林县").await.unwrap();
    let join = JoinSchool::check("3121049801", "柳林镇初级中学").unwrap();
    operator.county().act(move |_| Ok(join)).await.unwrap();
    let office = operator.school_office("3121049801").await.unwrap();
    let class = office.act(move |_| Ok(OpenClass { cohort: Cohort(2025), number: 1 })).await.unwrap();
    let admit = AdmitPupil::new(&door.house().keys, class, pupil(name, 1, 7, Sex::Male));
    office.act(move |_| Ok(admit)).await.unwrap();
    door
}

async fn take(door: &Door, bytes: &[u8], passphrase: &str) -> Result<usize, String> {
    let delivered = receive(bytes, &door.house().believed).map_err(|e| e.to_string())?;
    let (package, files) = delivered.open(passphrase).map_err(|e| e.to_string())?;
    let office = Operator::at(door).school_office("3121049801").await.unwrap();
    let whole = office.whole_school();
    office
        .act(move |tx| TakeOver::prepare(tx, whole, &delivered, package, &files, None))
        .await
        .map_err(|refused: Refused| refused.words().1)
}

#[actix_web::test]
async fn another_county_takes_a_package_in_only_from_one_it_trusts_whole_and_for_its_own_pupil() {
    let school = School::open();
    one_term_sealed(&school).await;
    let (path, passphrase) = export(&Place::of(&school), school.map.li);
    let bytes = std::fs::read(&path).unwrap();
    let published = school.door.house().keys.published("urn:qinghe:210499");

    let stranger = next_county(PinnedKeys::default(), "李沐阳").await;
    assert!(matches!(receive(&bytes, &stranger.house().believed), Err(BadPackage::Signature(BadToken::UnknownKey(_)))));
    let trusting = next_county(published.clone(), "李沐阳").await;
    let said = take(&trusting, &bytes, "AAAAA-BBBBB-CCCCC-DDDDD").await.unwrap_err();
    assert!(said.contains("口令不对"), "{said}");
    assert!(receive(&bytes[..bytes.len() / 2], &trusting.house().believed).is_err());
    let mut changed = bytes.clone();
    let place = bytes.windows(7).position(|w| w == b"age-enc").unwrap() + 400;
    changed[place] ^= 1;
    let said = take(&trusting, &changed, &passphrase).await.unwrap_err();
    assert!(said.contains("改过") || said.contains("少了一截"), "{said}");
    let nobody = next_county(published, "李牧羊").await;
    let said = take(&nobody, &bytes, &passphrase).await.unwrap_err();
    assert!(said.contains("没有 2013-03-05 出生的李沐阳"), "{said}");

    assert_eq!(take(&trusting, &bytes, &passphrase.to_lowercase()).await, Ok(1));
    assert!(take(&trusting, &bytes, &passphrase).await.unwrap_err().contains("已经有档案"));
}

#[actix_web::test]
async fn a_chain_with_a_gap_that_no_file_declares_does_not_leave() {
    let school = School::open();
    crate::portfolio::graduate(&school).await;
    let office = school.operator().school_office(SCHOOL).await.unwrap();
    let (whole, files, li) = (office.whole_school(), school.door.house().files.clone(), school.map.li);
    let package = office.look(move |look| package_of(look, whole, &files, li)).await.unwrap();
    assert_eq!((package.terms.len(), package.graduation.is_some()), (4, true));
    let sender = Sender {
        keys: &office.house().keys,
        issuer: office.house().issuer(),
        school: "x".to_owned(),
        school_code: SCHOOL.to_owned(),
    };
    let mut gap = package;
    gap.terms.remove(1);
    match close(&sender, gap, "X", crate::support::today()) {
        Err(BadPackage::Chain(why)) => assert!(why.contains("包里没有"), "{why}"),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
}
