//! What goes with a pupil to the next school, and how it is taken in there.
use crate::place::Place;
use crate::portfolio::{account, seal_term, sealed_files, teach_and_sign};
use crate::support::{Person, School, TERM, pupil, scratch};
use qinghe::access::{Door, House, Operator, Refused};
use qinghe::account::{Login, NewAccount};
use qinghe::names::{Cohort, Half, Sex, StudentId, Term};
use qinghe::platform::clock::Clock;
use qinghe::platform::db::Database;
use qinghe::platform::keys::Keys;
use qinghe::platform::signing::{BadToken, PinnedKeys};
use qinghe::portfolio::file::{Previous, TermFile};
use qinghe::portfolio::handover::{BadPackage, Package, Sender, close, inside_of, receive};
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
        kept_for: qinghe::names::KeptFor::default(),
        trusted_proxy: None,
        webhook_hosts: Vec::new(),
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
    let (package, inside) = delivered.open(passphrase, &door.house().believed).map_err(|e| e.to_string())?;
    let office = Operator::at(door).school_office("3121049801").await.unwrap();
    let (whole, store) = (office.whole_school(), door.house().files.clone());
    office
        .act(move |tx| TakeOver::prepare(tx, whole, (&delivered.envelope).into(), (package, &inside), None, &store))
        .await
        .map(|(terms, _)| terms)
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

async fn package_here(school: &School, child: StudentId) -> Package {
    let office = school.operator().school_office(SCHOOL).await.unwrap();
    let (whole, files) = (office.whole_school(), school.door.house().files.clone());
    office.look(move |look| package_of(look, whole, &files, child)).await.unwrap()
}

/// The address of the newest package on a pupil's page, without its last part.
pub fn newest(page: &str) -> String {
    let at = page.find("/package.zip").unwrap();
    page[page[..at].rfind("/office/").unwrap()..at].to_owned()
}

pub async fn twin_at_school_two(school: &School) -> StudentId {
    let office = school.operator().school_office("3121042102").await.unwrap();
    let twin = AdmitPupil::new(&office.house().keys, school.map.far_class, pupil("李沐阳", 2, 31, Sex::Male));
    office.act(move |_| Ok(twin)).await.unwrap()
}

/// Makes a package on the page; where it is, without the last part of the address.
pub async fn newest_package(office: &Person<'_>, child: StudentId) -> String {
    packed(office, child).await;
    newest(&office.get(&format!("/office/handover/pupil/{child}")).await.text)
}

/// Makes a package on the page; its bytes and the passphrase as the printed slip tells it.
pub async fn packed(office: &Person<'_>, child: StudentId) -> (Vec<u8>, String) {
    let page = format!("/office/handover/pupil/{child}");
    assert_eq!(office.post(&page, &[("peer", "柳河乡九年一贯制学校")]).await.status, 303);
    let address = newest(&office.get(&page).await.text);
    let slip = office.get(&format!("{address}/slip.pdf")).await;
    assert_eq!(slip.status, 200, "{}", slip.text);
    crate::pdf::check(&slip.bytes, "李沐阳", &["档案转接单", "李沐阳", "柳河乡九年一贯制学校", "口令"]);
    let path = scratch().join(format!("{}.pdf", uuid::Uuid::now_v7()));
    std::fs::write(&path, &slip.bytes).unwrap();
    let text = std::process::Command::new("pdftotext").args([path.to_str().unwrap(), "-"]).output().unwrap().stdout;
    let text = String::from_utf8(text).unwrap();
    let is_secret = |word: &&str| word.len() == 23 && word.split('-').all(|five| five.len() == 5);
    let secret = text.split_whitespace().find(is_secret).unwrap().to_owned();
    let zip = office.get(&format!("{address}/package.zip")).await;
    assert_eq!((zip.status, zip.media_type.as_str()), (200, "application/zip"));
    (zip.bytes, secret)
}

#[actix_web::test]
async fn on_the_pages_a_package_leaves_with_a_slip_and_is_looked_at_before_it_is_taken_in() {
    let school = School::open();
    one_term_sealed(&school).await;
    let (office1, office2) = (school.sign_in_now("office1").await, school.sign_in_now("office2").await);
    let page = format!("/office/handover/pupil/{}", school.map.li);
    let shown = office1.get(&page).await.text;
    assert!(shown.contains("无记录") && shown.contains("第 1 版"), "terms without a file say so: {shown}");
    let refused = office1.post(&page, &[("peer", " ")]).await;
    assert!(refused.status == 422 && refused.text.contains("请写转到哪所学校"), "{}", refused.text);
    assert_eq!(school.count("handover"), 0);
    let (bytes, secret) = packed(&office1, school.map.li).await;
    let address = newest(&office1.get(&page).await.text);
    for what in ["package.zip", "slip.pdf"] {
        assert_eq!(office2.get(&format!("{address}/{what}")).await.status, 404, "another school's {what}");
    }

    let nobody = office2.upload("/office/handover", "a.zip", &bytes, &[("passphrase", &secret)]).await;
    assert!(nobody.status == 200 && nobody.text.contains("请先把学生收进学籍"), "{}", nobody.text);
    let twin = twin_at_school_two(&school).await;
    let wrong = [("passphrase", "AAAAA-BBBBB-CCCCC-DDDDD")];
    let refused = office2.upload("/office/handover", "a.zip", &bytes, &wrong).await;
    assert!(refused.status == 422 && refused.text.contains("口令不对"), "{}", refused.text);
    let refused = office2.upload("/office/handover", "a.zip", &bytes[..bytes.len() / 2], &[]).await;
    assert!(refused.status == 422 && refused.text.contains("少了一截"), "{}", refused.text);
    let come = office2.upload("/office/handover", "a.zip", &bytes, &[("passphrase", &secret)]).await;
    assert!(come.status == 200 && come.text.contains("还没有收，请先看一遍"), "{}", come.text);
    assert!(come.text.contains("石泉镇九年一贯制学校") && come.text.contains("2 号"));
    assert_eq!((school.count("handed_term"), school.count("handover WHERE direction = 'in'")), (0, 0));
    let token = come.hidden("token").unwrap().to_owned();
    let unsure = office2.post("/office/handover/take", &[("token", &token)]).await;
    assert!(unsure.status == 422 && unsure.text.contains("还没有确认"), "{}", unsure.text);
    let other = school.map.yu.to_string();
    let refused = office2.post("/office/handover/take", &[("token", &token), ("student", &other)]).await;
    assert!(refused.status == 422 && refused.text.contains("没有 2013-03-05 出生的李沐阳"), "{}", refused.text);
    let confirmed = [("token", token.as_str()), ("student", &twin.to_string())];
    let taken = office2.post("/office/handover/take", &confirmed).await;
    assert_eq!(taken.status, 303, "what was refused still waits: {}", taken.text);
    assert!(office2.get(&taken.location).await.text.contains("李沐阳的档案收下了"));
    assert_eq!(school.count("handed_term"), 1);
    let twice = office2.post("/office/handover/take", &confirmed).await;
    assert!(twice.status == 422 && twice.text.contains("已经收过"), "{}", twice.text);
    let again = office2.upload("/office/handover", "a.zip", &bytes, &[]).await;
    assert!(again.text.contains("已经有档案"), "the same county's package opens without the slip");
    assert!(office2.get(&format!("/office/handover/pupil/{twin}")).await.text.contains("转来的"));
}

#[actix_web::test]
async fn inside_the_county_the_files_move_with_the_pupil_in_one_act_on_both_sides() {
    let school = School::open();
    one_term_sealed(&school).await;
    school.clock.set(chrono::NaiveDate::from_ymd_opt(2027, 3, 1).unwrap().and_hms_opt(10, 0, 0).unwrap());
    let (office1, office2) = (school.sign_in_now("office1").await, school.sign_in_now("office2").await);
    let li = school.map.li;
    let (class, page) = (school.map.far_class.to_string(), format!("/office/handover/pupil/{li}"));
    let number = pupil("李沐阳", 1, 1, Sex::Male).number;
    let take = [("number", number.as_str()), ("class", &class), ("on", "2027-03-02"), ("reason", "随父母搬家")];
    let held = office2.post("/office/pupils", &take).await;
    assert!(held.status == 422 && held.text.contains("请那边先办转出"), "{}", held.text);
    assert_eq!(office2.post(&format!("{page}/bring"), &[]).await.status, 404, "not released, not theirs");
    assert_eq!(school.count("handed_term"), 0);
    let out = [("kind", "move_out"), ("on", "2027-03-01"), ("reason", "搬家")];
    assert_eq!(office1.post(&format!("/office/pupils/{li}"), &out).await.status, 303);

    let lines = |verb: &str| school.count(&format!("journal WHERE verb = '{verb}'"));
    let taken = office2.post("/office/pupils", &take).await;

    assert!(taken.status == 303 && taken.location.ends_with("terms=1"), "{} {}", taken.location, taken.text);
    assert_eq!((school.count("handed_term"), lines("pupil_brought"), lines("handed_over")), (1, 1, 1));
    assert_eq!(
        (school.count("handover WHERE direction = 'out'"), school.count("handover WHERE direction = 'in'")),
        (1, 1)
    );
    let here = office2.get(&page).await.text;
    assert!(here.contains("石泉镇九年一贯制学校") && here.contains("转来的"), "{here}");
    assert!(office1.get(&page).await.text.contains("送到 柳河乡九年一贯制学校"), "the old school keeps its copy");
    let parent = school.sign_in_now("li-parent").await;
    let versions = parent.get(&format!("/child/{li}/versions")).await.text;
    assert!(versions.contains("石泉镇九年一贯制学校") && versions.contains("第 1 版"), "{versions}");
    let one = parent.get(&format!("/child/{li}/versions/2026-1/1")).await;
    assert!(one.text.contains("石泉镇九年一贯制学校") && one.text.contains("g-good"), "{}", one.text);
    let nothing = office2.post(&format!("{page}/bring"), &[]).await;
    assert!(nothing.status == 409 && nothing.text.contains("没有这位学生的"), "{}", nothing.text);
    let (code, said, _) = Place::of(&school).run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}");
}

#[actix_web::test]
async fn a_graduates_portfolio_comes_along_and_only_the_right_one() {
    let school = School::open();
    crate::portfolio::graduate(&school).await;
    let office1 = school.sign_in_now("office1").await;
    assert_eq!(office1.post("/office/print/2025", &[]).await.status, 303);
    let by_command = school.operator().school_office(SCHOOL).await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
    let (bytes, secret) = packed(&office1, school.map.li).await;

    let house = school.door.house();
    let mut mixed = package_here(&school, school.map.li).await;
    mixed.pdf = package_here(&school, school.map.chen).await.pdf;
    let name = "石泉镇九年一贯制学校".to_owned();
    let sender = Sender { keys: &house.keys, issuer: house.issuer(), school: name, school_code: SCHOOL.to_owned() };
    let mixed = close(&sender, mixed, "ABCDE", house.clock.now()).unwrap();
    match receive(&mixed, &house.believed).unwrap().open("ABCDE", &house.believed) {
        Err(BadPackage::Portfolio(why)) => assert!(why.contains("不是这一份"), "{why}"),
        other => panic!("{:?}", other.map(|_| ())),
    }

    let (office2, twin) = (school.sign_in_now("office2").await, twin_at_school_two(&school).await);
    let come = office2.upload("/office/handover", "a.zip", &bytes, &[("passphrase", &secret)]).await;
    assert!(come.text.contains("PDF 和凭证都核对过"), "{}", come.text);
    let token = come.hidden("token").unwrap().to_owned();
    let form = [("token", token.as_str()), ("student", &twin.to_string())];
    let taken = office2.post("/office/handover/take", &form).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    let pdf = office2.get(&format!("/office/handover/pupil/{twin}/portfolio.pdf")).await;
    assert_eq!(Some(pdf.bytes), package_here(&school, school.map.li).await.pdf);
    assert_eq!(office2.get(&format!("/office/handover/pupil/{}/portfolio.pdf", school.map.yu)).await.status, 404);
    for sql in ["UPDATE handed_portfolio SET version = 9", "DELETE FROM handed_portfolio"] {
        use diesel::RunQueryDsl;
        let error = diesel::sql_query(sql).execute(&mut school.raw()).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
}

#[actix_web::test]
async fn a_corrected_term_and_a_new_name_do_not_break_the_chain() {
    let school = School::open();
    crate::portfolio::graduate(&school).await;
    let package = package_here(&school, school.map.li).await;
    let read = |bytes: &[u8]| serde_json::from_slice::<TermFile>(bytes).unwrap();
    let mut corrected = read(&package.terms[0]);
    corrected.version = 2;
    corrected.correction = Some(serde_json::from_value(json!({
        "what": "德", "was": "良好", "becomes": "优秀", "why": "抄错", "asked": { "by": "林静", "at": "2027-01-20T10:00:00" },
        "approved": [], "corrects": qinghe::platform::files::sha256_hex(&package.terms[0]),
    })).unwrap());
    corrected.student.name = "李沐晨".to_owned();
    let second = serde_json::to_vec(&corrected).unwrap();
    let with = |terms: Vec<Vec<u8>>| inside_of(&Package { terms, ..Package::default() });
    let terms = package.terms.clone();
    let all: Vec<Vec<u8>> = [terms[0].clone(), second.clone()].into_iter().chain(terms[1..].to_vec()).collect();
    assert_eq!(with(all).unwrap().terms.len(), 5);
    let without: Vec<Vec<u8>> = [second].into_iter().chain(terms[1..].to_vec()).collect();
    assert!(with(without).unwrap_err().to_string().contains("更正的那一版不在包里"));
    let turned = vec![terms[0].clone(), terms[2].clone(), terms[1].clone()];
    assert!(with(turned).is_err());
}
