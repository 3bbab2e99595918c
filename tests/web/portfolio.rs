//! Sealed, printed, handed out: and nothing of it changes afterwards.
use crate::support::{Person, School, TERM};
use chrono::NaiveDate;
use diesel::prelude::*;
use qinghe::access::Principal;
use qinghe::account::{Login, account_named};
use qinghe::evaluation::{Band, DecideGraduate, TickGraduate};
use qinghe::names::{AccountId, ClassId, Cohort, Domain, StudentId, Term};
use qinghe::notice::{CheckGraduation, OpenGraduation, ReviewGraduation};
use qinghe::portfolio::file::{Facts, GraduationFile, TermFile};
use qinghe::portfolio::{NotReady, SealGraduation, SealTerm, issued, print_and_keep, sealed_bytes};
use qinghe::record::Part;
use qinghe::roster::{AdmitPupil, AppointStaff, Appointment, Position};
use serde_json::{Value, json};
use std::collections::HashMap;

const DOMAINS: [&str; 5] = ["moral", "academic", "physical", "aesthetic", "labour"];

pub async fn account(school: &School, login: &str) -> AccountId {
    let login = Login::parse(login).unwrap();
    let find = school.operator().county().look(move |look| account_named(look.conn(), &login)).await;
    find.unwrap().unwrap().0
}

async fn principal(school: &School) -> Principal {
    school.operator().stand_in(account(school, "principal1").await).unwrap().principal().await.unwrap()
}

pub async fn seal_term(school: &School, term: Term) -> Result<(usize, Vec<NotReady>), qinghe::access::Refused> {
    let (principal, class) = (principal(school).await, school.map.class);
    crate::notice::pass_stages(school, class, term, "lin", "office1").await;
    let whole = principal.whole_school();
    principal.act(move |tx| SealTerm::prepare(tx, whole, "石泉县", class, term)).await
}

pub fn moment(y: i32, m: u32, d: u32) -> chrono::NaiveDateTime {
    NaiveDate::from_ymd_opt(y, m, d).unwrap().and_hms_opt(10, 0, 0).unwrap()
}

/// The three who are in the class from the beginning.
fn three(school: &School) -> [StudentId; 3] {
    [school.map.li, school.map.chen, school.map.guan]
}

/// The teacher's whole term: bands, comments, signature.
pub async fn teach_and_sign(school: &School, lin: &Person<'_>, term: Term) {
    teach_these_and_sign(school, lin, school.map.class, term, &three(school)).await;
}

/// The same, of some class's own teacher.
pub async fn teach_these_and_sign(
    school: &School,
    teacher: &Person<'_>,
    class: ClassId,
    term: Term,
    everyone: &[StudentId],
) {
    let mut cells = Vec::new();
    for student in everyone {
        for domain in DOMAINS {
            let band = if domain == "labour" && *student == school.map.chen { "excellent" } else { "good" };
            cells.push(json!({ "student": student, "domain": domain, "band": band, "revision": 0,
                "ground": { "text": format!("{term} 带小组管好菜地。") } }));
        }
    }
    let saved = teacher.json(&format!("/class/{class}/{term}/cells"), &json!(cells)).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let words: Vec<Value> = everyone
        .iter()
        .map(|s| json!({ "student": s, "text": format!("{term} 做事有头有尾。"), "revision": 0 }))
        .collect();
    assert_eq!(teacher.json(&format!("/class/{class}/{term}/comments"), &json!(words)).await.status, 200);
    assert_eq!(teacher.post(&format!("/class/{class}/{term}/sign"), &[]).await.status, 303);
}

/// What the class committee decided of some graduates, all alike, with a comment.
pub async fn decide_all(school: &School, students: &[StudentId]) {
    let lin = account(school, "lin").await;
    let homeroom = school.operator().stand_in(lin).unwrap().homeroom(school.map.class).await.unwrap();
    let own = homeroom.class();
    for student in students.iter().copied() {
        let bands: Vec<_> = Domain::ALL.iter().map(|domain| (*domain, Some(Band::all()[1]))).collect();
        let decided = homeroom
            .try_act(move |tx| DecideGraduate::prepare(tx, &own, student, &bands, "三年里做事有头有尾，待人和气。"))
            .await;
        assert!(decided.unwrap().is_ok());
    }
}

/// Notice, signature, every file looked through, review.
pub async fn pass_graduation(school: &School, students: &[StudentId]) {
    let class = school.map.class;
    let office = school.operator().stand_in(account(school, "office1").await).unwrap().office().await.unwrap();
    let whole = office.whole_school();
    let opened = office.act(move |tx| OpenGraduation::prepare(tx, whole, class, "陈述写在纸上交来了")).await;
    school.clock.set(opened.unwrap().1.and_hms_opt(18, 0, 0).unwrap());
    let lin = account(school, "lin").await;
    let homeroom = school.operator().stand_in(lin).unwrap().homeroom(class).await.unwrap();
    let own = homeroom.class();
    homeroom.act(move |tx| CheckGraduation::prepare(tx, &own)).await.unwrap();
    for student in students.iter().copied() {
        office.act(move |tx| TickGraduate::prepare(tx, whole, class, student)).await.unwrap();
    }
    office.act(move |tx| ReviewGraduation::prepare(tx, whole, class)).await.unwrap();
}

/// Lin keeps her class in a later term.
pub async fn lin_stays(school: &School, term: Term) {
    let lin = account(school, "lin").await;
    let office = school.operator().school_office("3121042101").await.unwrap();
    let position = Position::Homeroom { class: school.map.class, term };
    office.act(move |_| Ok(AppointStaff { who: Appointment::Known(lin), position })).await.unwrap();
}

/// From the present term to the end of grade 9, each term sealed.
pub async fn six_terms_end(school: &School) -> Vec<Term> {
    six_terms_end_for(school, &[]).await
}

/// The same with pupils who come for grade 9.
async fn six_terms_end_for(school: &School, late: &[StudentId]) -> Vec<Term> {
    let days = [
        ("2026-1", moment(2027, 1, 5)),
        ("2026-2", moment(2027, 7, 5)),
        ("2027-1", moment(2028, 1, 5)),
        ("2027-2", moment(2028, 6, 20)),
    ];
    let mut terms = Vec::new();
    for (name, day) in days {
        let term: Term = name.parse().unwrap();
        school.clock.set(day);
        if name != TERM {
            lin_stays(school, term).await;
        }
        let mut everyone = three(school).to_vec();
        everyone.extend(late.iter().filter(|_| term.year() == 2027));
        teach_these_and_sign(school, &school.sign_in_now("lin").await, school.map.class, term, &everyone).await;
        assert_eq!(seal_term(school, term).await.unwrap().0, everyone.len());
        terms.push(term);
    }
    terms
}

/// The same, decided, noticed, looked through, and the portfolios sealed.
pub async fn graduate(school: &School) -> Vec<Term> {
    graduate_with(school, &[]).await
}

async fn graduate_with(school: &School, late: &[StudentId]) -> Vec<Term> {
    let terms = six_terms_end_for(school, late).await;
    let everyone = [&three(school)[..], late].concat();
    decide_all(school, &everyone).await;
    pass_graduation(school, &everyone).await;
    let (principal, class) = (principal(school).await, school.map.class);
    let whole = principal.whole_school();
    let (sealed, waiting) = principal
        .act(move |tx| SealGraduation::prepare(tx, whole, "石泉县", class, HashMap::<StudentId, Facts>::new()))
        .await
        .unwrap();
    assert_eq!((sealed, waiting.len()), (everyone.len(), 0));
    terms
}

pub async fn sealed_files<T: serde::de::DeserializeOwned>(school: &School, part: &str) -> Vec<(T, Vec<u8>, String)> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        sha256: String,
        #[diesel(sql_type = diesel::sql_types::Binary)]
        bytes: Vec<u8>,
    }
    let sql = format!(
        "SELECT f.sha256, f.bytes FROM sealed_file f JOIN seal s ON s.school_id = f.school_id AND s.sha256 = f.sha256 \
         WHERE s.part = '{part}' ORDER BY s.term, s.student_id"
    );
    let rows: Vec<Row> = diesel::sql_query(sql).load(&mut school.raw()).unwrap();
    rows.into_iter().map(|row| (serde_json::from_slice(&row.bytes).unwrap(), row.bytes, row.sha256)).collect()
}

#[actix_web::test]
async fn a_term_is_sealed_once_signed_and_each_file_holds_to_the_one_before() {
    let school = School::open();
    let term: Term = TERM.parse().unwrap();
    let refused = seal_term(&school, term).await.unwrap_err();
    assert!(refused.words().1.contains("还没有签字"), "{refused}");

    graduate(&school).await;

    let files = sealed_files::<TermFile>(&school, "term").await;
    assert_eq!(files.len(), 12);
    for (file, bytes, sha256) in &files {
        assert_eq!(&qinghe::platform::files::sha256_hex(bytes), sha256);
        assert_eq!(serde_json_canonicalizer::to_vec(file).unwrap(), *bytes, "RFC 8785, read back and written again");
        assert_eq!((file.format, file.domains.len()), (1, 5));
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(!text.contains("G2104") && !text.contains("••••"), "no number, not even masked: {text}");
        match &file.previous {
            qinghe::portfolio::file::Previous::Sealed { term, sha256, .. } => {
                let before =
                    files.iter().find(|(other, ..)| other.student.id == file.student.id && other.term.term == *term);
                assert_eq!(&before.unwrap().2, sha256);
            }
            qinghe::portfolio::file::Previous::None { none } => {
                assert_eq!(file.term.term, term);
                assert!(none.contains("还没有使用本平台"), "{none}");
            }
        }
    }
    let again = seal_term(&school, term).await.unwrap_err();
    assert!(again.words().1.contains("已经归档"), "{again}");
}

#[actix_web::test]
async fn after_the_seal_nothing_of_the_term_moves_by_any_way() {
    let school = School::open();
    let term: Term = TERM.parse().unwrap();
    let lin = school.sign_in("lin").await;
    teach_and_sign(&school, &lin, term).await;
    seal_term(&school, term).await.unwrap();

    let form = format!("/class/{}/student/{}", school.map.class, school.map.li);
    let lin = school.sign_in_now("lin").await;
    let refused = lin.post(&form, &[("band_moral", "qualified"), ("comment", "改一改"), ("reason", "想改")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text.contains("已经归档"), "{}", refused.text);
    let parent = school.sign_in_now("li-parent").await;
    let message = format!("/child/{}/message", school.map.li);
    let refused = parent.post(&message, &[("term", TERM), ("text", "补一句")]).await;
    assert!(refused.status == 422 && refused.text.contains("已经归档"), "{}: {}", refused.status, refused.text);

    let tampered = [
        "UPDATE seal SET version = 2",
        "DELETE FROM seal",
        "UPDATE sealed_file SET sha256 = 'x'",
        "DELETE FROM sealed_file",
        "UPDATE banding SET band = 'good'",
        "DELETE FROM comment",
        "INSERT INTO banding SELECT school_id, term, student_id, domain, revision + 1, 'qualified', NULL, NULL, account_id, at FROM banding",
    ];
    for sql in tampered {
        let error = diesel::sql_query(sql).execute(&mut school.raw()).unwrap_err().to_string();
        assert!(error.contains("append-only") || error.contains("the term is sealed"), "{sql}: {error}");
    }
}

#[actix_web::test]
async fn one_who_is_not_ready_does_not_hold_the_others_and_groundless_bands_are_refused_by_the_engine() {
    let school = School::open();
    let (lin, term): (_, Term) = (school.sign_in("lin").await, TERM.parse().unwrap());
    teach_and_sign(&school, &lin, term).await;
    // After signing a reason lets a band change; its ground may still be missing.
    let form = format!("/class/{}/student/{}", school.map.class, school.map.li);
    let fields: Vec<(String, &str)> = DOMAINS.iter().map(|d| (format!("band_{d}"), "developing")).collect();
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    fields.extend([("comment", "做事有头有尾。"), ("reason", "核对后更正")]);
    assert_eq!(lin.post(&form, &fields).await.status, 303);

    let (sealed, waiting) = seal_term(&school, term).await.unwrap();

    assert_eq!((sealed, waiting.len()), (2, 1));
    assert_eq!(waiting[0].student, school.map.li);
    let li = school.map.li;
    let sql = format!(
        "INSERT INTO seal SELECT school_id, {}, term, part, version, class_id, sha256, account_id, at FROM seal WHERE version = 1",
        match &school.address {
            qinghe::platform::db::Address::Sqlite(_) => format!("x'{}'", li.to_string().replace('-', "")),
            qinghe::platform::db::Address::Postgres(_) => format!("'{li}'::uuid"),
        }
    );
    let error = diesel::sql_query(sql).execute(&mut school.raw()).unwrap_err().to_string();
    assert!(error.contains("without its ground"), "{error}");
}

#[actix_web::test]
async fn portfolios_are_printed_once_and_every_later_print_is_that_file() {
    let school = School::open();
    graduate(&school).await;
    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    assert_eq!(files.len(), 3);
    for (file, bytes, _) in &files {
        assert_eq!(serde_json_canonicalizer::to_vec(file).unwrap(), *bytes);
        assert_eq!(file.terms.len(), 6);
        assert!(file.terms[0].gap.is_some() && file.terms[5].gap.is_none());
        assert!(file.terms[5].comment.as_ref().unwrap().text.contains("有头有尾"));
    }
    let office = school.sign_in_now("office1").await;
    assert!(office.get("/office/print").await.text.contains("2028 届（2025 级）"));
    let page = "/office/print/2025";
    assert!(office.get(page).await.text.contains("开始制作"));
    assert_eq!(office.get("/office/print/2025/1.zip").await.status, 404, "nothing is printed yet");
    assert_eq!(office.post(page, &[]).await.status, 303);
    assert_eq!(office.post(page, &[]).await.status, 409, "one run at a time");

    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
    assert!(!qinghe::portfolio::work_at_runs(&by_command).await.unwrap(), "nothing waits any more");

    let done = office.get(page).await.text;
    assert!(done.contains("做好了 3 / 3 份"), "{done}");
    let zip = office.get("/office/print/2025/1.zip").await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let each =
        ["01-李沐阳", "02-陈𠮷䶮", "03-关雪晴"].map(|name| [format!("{name}.pdf"), format!("{name}.jwt")]).concat();
    assert_eq!(names[..6], each);
    assert_eq!(names[6..], ["manifest.json", "案卷目录.xlsx"]);
    let mut first = Vec::new();
    std::io::copy(&mut archive.by_index(2).unwrap(), &mut first).unwrap();

    // Printed again from the sealed bytes, it is the same file to the byte.
    let chen = school.map.chen;
    let whole = by_command.whole_school();
    let bytes = by_command
        .look(move |look| {
            let one = issued(look, whole, Cohort(2025))?.into_iter().find(|one| one.student == chen).unwrap();
            sealed_bytes(look, &one.sealed_sha256)
        })
        .await
        .unwrap();
    let house = by_command.house();
    let again =
        qinghe::portfolio::print_portfolio(house.press.press().unwrap(), house, &bytes, &Default::default()).unwrap();
    assert!(again.pdf == first, "the same sealed bytes print the same file");
    assert!(again.pages >= 3, "{}", again.pages);
    crate::pdf::check(
        &first,
        "陈𠮷䶮",
        &[
            "毕业成长档案",
            "陈𠮷䶮",
            "2027-2 做事有头有尾。",
            "毕业评语",
            "三年里做事有头有尾，待人和气。",
            "优秀",
            "1 / ",
        ],
    );
    let attached = crate::pdf::attachment(&first, "portfolio.json");
    assert!(attached == bytes, "the sealed bytes ride along");

    let all = by_command.look(move |look| issued(look, whole, Cohort(2025))).await.unwrap();
    assert!(print_and_keep(&by_command, None, all, 2).await.unwrap().is_empty());
    assert_eq!(office.get("/office/print/2025/1.zip").await.bytes.len(), zip_length(&office).await);
}

async fn zip_length(office: &Person<'_>) -> usize {
    office.get("/office/print/2025/1.zip").await.bytes.len()
}

#[actix_web::test]
async fn a_pupil_from_elsewhere_without_files_graduates_with_those_terms_as_no_record() {
    let school = School::open();
    let office = school.operator().school_office("3121042101").await.unwrap();
    let mut bai = crate::support::pupil("白露", 4, 9, qinghe::names::Sex::Female);
    bai.entered_on = NaiveDate::from_ymd_opt(2027, 9, 1).unwrap();
    let admit = AdmitPupil::new(&office.house().keys, school.map.class, bai);
    let bai = office.act(move |_| Ok(admit)).await.unwrap();

    graduate_with(&school, &[bai]).await;

    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    let (file, bytes, _) = files.iter().find(|(file, ..)| file.student.id == bai).unwrap();
    let gaps: Vec<Option<&str>> = file.terms.iter().map(|term| term.gap.as_deref()).collect();
    let away = Some("这个学期不在本校");
    assert_eq!(gaps, [away, away, away, away, None, None]);
    assert!(file.terms[..4].iter().all(|term| term.bands.values().all(Option::is_none)), "and no low band");
    let house = office.house();
    let made =
        qinghe::portfolio::print_portfolio(house.press.press().unwrap(), house, bytes, &Default::default()).unwrap();
    let said = ["七年级上学期：这个学期不在本校", "无记录", "汇自 2 个学期的归档", "毕业评语", "三年里做事有头有尾"];
    crate::pdf::check(&made.pdf, "白露", &said);
}

#[actix_web::test]
async fn a_code_answers_little_and_the_papers_own_words_are_signed() {
    let school = School::open();
    graduate(&school).await;
    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    let file = &files.iter().find(|(file, ..)| file.student.name == "陈𠮷䶮").unwrap().0;
    let visitor = school.visitor();

    let known = visitor.get(&format!("/verify/{}", file.code.to_lowercase().replace('-', ""))).await;
    assert_eq!(known.status, 200);
    assert!(known.text.contains("陈＊＊") && known.text.contains("只核对了编号，没有核对内容"), "{}", known.text);
    assert!(!known.text.contains("陈𠮷䶮") && !known.text.contains("良好"));
    assert_eq!(visitor.get("/verify/AAAA-BBBB-CCCC").await.status, 404);
    assert_eq!(visitor.submit("/verify", &[("code", "7f3k 9q2m x8dt")]).await.location, "/verify/7F3K-9Q2M-X8DT");

    let house = school.door.house();
    let words = qinghe::portfolio::PaperWords {
        name: "陈𠮷䶮".to_owned(),
        school: "x".to_owned(),
        cohort: 2025,
        words: vec!["良好".to_owned(); 5],
        code: file.code.clone(),
        version: 1,
        iat: 0,
    };
    let signed = house.keys.sign(qinghe::portfolio::PAPER_TYP, &words).unwrap();
    let told = visitor.json("/verify/paper", &json!({ "jws": signed })).await;
    assert_eq!((told.status, told.json()["words"][4].as_str()), (200, Some("良好")));
    let forged = visitor.json("/verify/paper", &json!({ "jws": format!("{signed}A") })).await;
    assert_eq!(forged.status, 422);
}

#[actix_web::test]
async fn a_family_takes_the_signed_terms_report_home_and_no_other() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let report = format!("/child/{}/report.pdf", school.map.li);
    assert_eq!(parent.get(&report).await.status, 404, "not before it is signed");
    parent
        .post(&format!("/child/{}/message", school.map.li), &[("term", TERM), ("text", "爸爸看见你每天自己叠被子。")])
        .await;
    crate::notice::record(&school, "菜地收青菜", 12, &[(school.map.li, Part::Main)]).await;
    let waiting = crate::record::hand_in(&school.sign_in("li-pupil").await, school.map.li, &[]).await;
    assert_eq!(waiting.status, 303, "{}", waiting.text);
    teach_and_sign(&school, &lin, TERM.parse().unwrap()).await;

    let printed = parent.get(&format!("{report}?term={TERM}")).await;

    assert_eq!((printed.status, printed.media_type.as_str()), (200, "application/pdf"), "{}", printed.text);
    crate::pdf::check(
        &printed.bytes,
        "李沐阳",
        &["学期报告单", "李沐阳", "良好", "做事有头有尾。", "爸爸看见你每天自己叠被子。", "归档前", "菜地收青菜"],
    );
    assert!(!crate::pdf::text(&printed.bytes).contains("敬老院"), "what nobody has confirmed is not printed");
    assert_eq!(parent.get(&format!("{report}?term=2025-2")).await.status, 404, "nobody signed that term");
    assert_eq!(school.sign_in("chen-parent").await.get(&report).await.status, 404);
}

#[actix_web::test]
async fn subjects_and_fitness_are_told_by_the_term_and_by_the_portfolio() {
    let school = School::open();
    let (fang, peng) = (school.sign_in("fang").await, school.sign_in("peng").await);
    let header = ["姓名", "身高", "体重", "肺活量", "50米跑", "坐位体前屈", "立定跳远", "引体向上", "1000米跑"];
    let row = vec!["李沐阳", "165", "52", "3940", "7.5", "19.6", "240", "14", "3:48"];
    let fitness = format!("/subject/{}/fitness", school.map.class);
    let tried = peng.upload(&fitness, "体测.xlsx", &crate::roster::sheet(&header, &[row]), &[]).await;
    let token = tried.hidden("token").unwrap_or_else(|| panic!("{}", tried.text)).to_owned();
    assert_eq!(peng.post(&format!("{fitness}/take"), &[("token", &token)]).await.status, 303);
    let cell = json!([{ "subject": "语文", "student": school.map.li, "band": "good", "revision": 0 }]);
    let cells = format!("/subject/{}/{TERM}/cells", school.map.class);
    assert_eq!(fang.json(&cells, &cell).await.status, 200);

    graduate(&school).await;
    let terms: Vec<(TermFile, _, _)> = sealed_files(&school, "term").await;
    let file =
        &terms.iter().find(|(f, ..)| f.student.id == school.map.li && f.term.term.to_string() == TERM).unwrap().0;
    assert_eq!(file.fitness[0].band, "优秀");
    let subjects = file.subjects.as_ref().unwrap();
    assert_eq!((subjects.names[0].as_str(), subjects.terms[0][0].map(Band::code)), ("语文", Some("good")));
    let other = &terms.iter().find(|(f, ..)| f.student.id == school.map.guan).unwrap().0;
    assert!(other.fitness.is_empty() && other.subjects.is_none());
    let portfolios: Vec<(GraduationFile, Vec<u8>, _)> = sealed_files(&school, "graduation").await;
    let (file, ..) = portfolios.iter().find(|(f, ..)| f.student.id == school.map.li).unwrap();
    assert_eq!((file.facts.fitness[0].year.as_str(), file.facts.fitness[0].band.as_str()), ("八年级", "优秀"));
    assert_eq!(file.facts.subjects.as_ref().unwrap().terms[2][0].map(Band::code), Some("good"));
    // Not in the whole file: a hash may hold any four digits.
    let text = serde_json::to_string(&file.facts).unwrap();
    assert!(!text.contains("3940") && !text.contains("run_1000m"), "words only");

    let refused = fang.json(&cells, &cell).await;
    assert_eq!(refused.status, 404, "she teaches the class no longer");
    let report =
        school.sign_in_now("li-parent").await.get(&format!("/child/{}/report.pdf?term={TERM}", school.map.li)).await;
    assert_eq!(report.status, 200, "{}", report.text);
    crate::pdf::check(&report.bytes, "李沐阳", &["体质测试", "优秀（八年级）", "语文"]);
}
