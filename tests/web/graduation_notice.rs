//! The notice of the end of junior high: three years of facts, a term a page, and what is
//! objected to there.
use crate::evidence::{photo, send};
use crate::graduation::decide_of;
use crate::notice::record;
use crate::portfolio::{account, decide_all, moment, sealed_files, six_terms_end};
use crate::support::{Answer, Person, School};
use diesel::prelude::*;
use qinghe::names::{ActivityId, Domain, StudentId};
use qinghe::portfolio::file::GraduationFile;
use qinghe::record::Part;

const FIRST: &str = "2026-1";

fn part(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.location.rsplit('/').next().unwrap().to_owned()
}

/// Two facts of grade 8, six terms sealed, everybody decided, the notice open.
async fn noticed(school: &School) -> [ActivityId; 2] {
    let (li, chen, guan) = (school.map.li, school.map.chen, school.map.guan);
    let all = [(guan, Part::Participant), (li, Part::Organiser), (chen, Part::Participant)];
    let harvest = record(school, "菜地收青菜", 18, &all).await;
    let visit = record(school, "到敬老院读报", 5, &[(chen, Part::Main)]).await;
    six_terms_end(school).await;
    decide_all(school, &[li, chen, guan]).await;
    let office = school.sign_in_now("office1").await;
    let path = format!("/office/graduation/{}/notice", school.map.class);
    assert_eq!(office.post(&path, &[("reason", "陈述写在纸上")]).await.status, 303);
    [harvest, visit]
}

async fn answer(school: &School, id: &str, form: &[(&str, &str)]) -> Answer {
    school.sign_in_now("office1").await.post(&format!("/office/objections/{id}/answer"), form).await
}

async fn decide(school: &School, lin: &Person<'_>, student: StudentId, moral: &str) -> Answer {
    let bands = [moral, "good", "good", "good", "good"];
    decide_of(school, lin, student, &bands, "三年里做事有头有尾，待人和气。").await
}

/// After the notice: the class teacher signs, the office ticks and reviews.
async fn review(school: &School, students: &[StudentId]) {
    school.clock.set(moment(2028, 7, 4));
    let class = school.map.class;
    let lin = school.sign_in_now("lin").await;
    assert_eq!(lin.post(&format!("/class/{class}/graduation"), &[]).await.status, 303);
    let office = school.sign_in_now("office1").await;
    for student in students {
        let ticked = office.post(&format!("/office/graduation/{class}/{student}"), &[]).await;
        assert_eq!(ticked.status, 303, "{}", ticked.text);
    }
    let reviewed = office.post(&format!("/office/graduation/{class}/review"), &[]).await;
    assert_eq!(reviewed.status, 303, "{}", reviewed.text);
}

#[actix_web::test]
async fn three_years_of_facts_are_told_a_term_a_page_and_never_a_band() {
    let school = School::open();
    noticed(&school).await;
    let (class, chen) = (school.map.class, school.map.chen);
    for (login, door) in [
        ("chen-parent", format!("/child/{chen}")),
        ("li-pupil", format!("/child/{}", school.map.li)),
        ("lin", format!("/class/{class}")),
    ] {
        let person = school.sign_in_now(login).await;
        let page = person.get(&format!("{door}/notice/graduation?term={FIRST}")).await;
        assert_eq!(page.status, 200, "{login}: {}", page.text);
        let text = &page.text;
        let at = |word: &str| text.rfind(word).unwrap_or_else(|| panic!("{login}: {word}: {text}"));
        assert!(at("到敬老院读报") < at("菜地收青菜"), "by date");
        let line = &text[at("菜地收青菜")..];
        let order: Vec<usize> = ["李沐阳", "陈𠮷䶮", "关雪晴"].iter().map(|name| line.find(name).unwrap()).collect();
        assert!(order.is_sorted(), "in seat order: {order:?}");
        for never in ["良好", "优秀", "合格", "待提高", "三年里做事有头有尾", "2 条", "2 次"] {
            assert!(!text.contains(never), "{login}: {never}");
        }
        let last = person.get(&format!("{door}/notice/graduation")).await.text;
        assert!(last.contains("九下") && !last.contains("菜地收青菜"), "its own page: {last}");
        let none = person.get(&format!("{door}/notice/graduation?term=2020-1")).await;
        assert_eq!(none.status, 404, "none of the six");
    }
    let office = school.sign_in_now("office1").await;
    let seen = office.get(&format!("/office/notice/{class}/graduation?term={FIRST}")).await.text;
    assert!(seen.contains("菜地收青菜") && !seen.contains("/objection?"), "{seen}");
    // When it is over a family reads its own child's only.
    school.clock.set(moment(2028, 7, 4));
    let over = school.sign_in_now("li-parent").await;
    let over = over.get(&format!("/child/{}/notice/graduation?term={FIRST}", school.map.li)).await.text;
    assert!(over.contains("菜地收青菜") && !over.contains("到敬老院读报") && !over.contains("关雪晴"), "{over}");
}

#[actix_web::test]
async fn what_is_shown_stands_still_and_before_it_nobody_objects() {
    let school = School::open();
    six_terms_end(&school).await;
    let parent = school.sign_in_now("li-parent").await;
    let path = format!("/child/{}/objection", school.map.li);
    let form = [("part", "graduation"), ("domain", "moral"), ("text", "不对")];
    let early = parent.post(&path, &form).await;
    assert!(early.status == 422 && early.text.contains("毕业公示还没有开始"), "{}", early.text);
    let none = parent.get(&format!("/child/{}/notice/graduation", school.map.li)).await.text;
    assert!(none.contains("还没有毕业公示"), "{none}");
    // A class of grade 8 has no such page.
    let young = School::open();
    let parent = young.sign_in("li-parent").await;
    assert_eq!(parent.post(&path, &form).await.status, 404);
}

#[actix_web::test]
async fn an_upheld_final_band_is_decided_again_and_holds_only_its_own_pupil() {
    let school = School::open();
    noticed(&school).await;
    let (class, li, chen, guan) = (school.map.class, school.map.li, school.map.chen, school.map.guan);
    let parent = school.sign_in_now("li-parent").await;
    let own = parent.get(&format!("/child/{li}/graduation")).await.text;
    assert!(own.contains(&format!("/child/{li}/objection?part=graduation&amp;domain=moral")), "{own}");
    let path = format!("/child/{li}/objection");
    let page = parent.get(&format!("{path}?part=graduation&domain=moral")).await.text;
    assert!(page.contains("品德发展的毕业等级") && page.contains("multipart/form-data"), "{page}");
    let form = [("part", "graduation"), ("domain", "moral"), ("text", "三年里每周三都去敬老院。")];
    let id = part(&parent.post(&path, &form).await);
    let twice = parent.post(&path, &form).await;
    assert!(twice.status == 422 && twice.text.contains("已经对这一条提过"), "{}", twice.text);
    // Another child's, and by a teacher, there is none.
    let of = chen.to_string();
    let others = [("part", "graduation"), ("domain", "moral"), ("of", of.as_str()), ("text", "不对")];
    assert_eq!(parent.post(&path, &others).await.status, 404);
    let teacher = school.sign_in_now("lin").await;
    assert_eq!(teacher.post(&format!("/class/{class}/objection"), &others).await.status, 404);
    // lin put the bands in: not hers to answer, nor a stranger's.
    let lin = account(&school, "lin").await.to_string();
    let office = school.sign_in_now("office1").await;
    let to_author = office.post(&format!("/office/objections/{id}/assign"), &[("handler", lin.as_str())]).await;
    assert!(to_author.status == 422 && to_author.text.contains("不能交给写这一条的人"), "{}", to_author.text);
    let handle = office.get(&format!("/office/objections/{id}")).await.text;
    assert!(handle.contains("请评价小组重新商定") && handle.contains("现在是“良好”"), "{handle}");

    review(&school, &[li, chen, guan]).await;
    let principal = school.sign_in_now("principal1").await;
    let sealed = principal.post(&format!("/principal/graduation/{class}"), &[]).await;
    assert!(sealed.location.ends_with("?sealed=2"), "only li waits: {} {}", sealed.location, sealed.text);
    print_cohort(&school).await;
    let rest = principal.post(&format!("/principal/graduation/{class}"), &[]).await;
    assert!(rest.status == 409 && rest.text.contains("有一件异议等学校教务处答复"), "{}", rest.text);
    let upheld = answer(&school, &id, &[("verdict", "change"), ("text", "问过敬老院，属实，请评价小组再看。")]).await;
    assert_eq!(upheld.status, 303, "{}", upheld.text);
    let rest = principal.post(&format!("/principal/graduation/{class}"), &[]).await;
    assert!(rest.status == 409 && rest.text.contains("等评价小组重新商定"), "{}", rest.text);
    // Only that band, once; not the comment, not another.
    let lin = school.sign_in_now("lin").await;
    let page = lin.get(&format!("/class/{class}/graduation/{li}")).await.text;
    assert!(page.contains("品德发展：异议成立，请评价小组重新商定"), "{page}");
    assert_eq!(decide(&school, &lin, li, "good").await.status, 303, "the same again changes nothing");
    assert_eq!(decide(&school, &lin, chen, "excellent").await.status, 409, "chen's is sealed");
    assert_eq!(decide(&school, &lin, li, "excellent").await.status, 303);
    let again = decide(&school, &lin, li, "qualified").await;
    assert!(again.status == 409 && again.text.contains("已经审核"), "{}", again.text);
    let office = school.sign_in_now("office1").await;
    let unticked = principal.post(&format!("/principal/graduation/{class}"), &[]).await;
    assert!(unticked.status == 409 && unticked.text.contains("还没有核对"), "{}", unticked.text);
    assert_eq!(office.post(&format!("/office/graduation/{class}/{li}"), &[]).await.status, 303);
    let sealed = principal.post(&format!("/principal/graduation/{class}"), &[]).await;
    assert!(sealed.location.ends_with("?sealed=1"), "{}", sealed.text);
    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    let file = &files.iter().find(|(file, ..)| file.student.id == li).unwrap().0;
    assert_eq!(file.graduation[&Domain::Moral].map(|band| band.code()), Some("excellent"));
    // Sealed after the cohort was printed, the last one is still to be made.
    let cohort = office.get("/office/print/2025").await.text;
    assert!(cohort.contains("还有 1 份没有制作") && cohort.contains("制作这 1 份"), "{cohort}");
    print_cohort(&school).await;
    let cohort = office.get("/office/print/2025").await.text;
    assert!(cohort.contains("3 / 3 份") && !cohort.contains("没有制作"), "{cohort}");
}

/// As the office's page asks for it, and as the worker does it.
async fn print_cohort(school: &School) {
    assert_eq!(school.sign_in_now("office1").await.post("/office/print/2025", &[]).await.status, 303);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    assert!(qinghe::portfolio::work_at_runs(&by_command).await.unwrap());
}

#[actix_web::test]
async fn a_fact_of_three_years_is_corrected_noticed_again_and_sealed_so() {
    let school = School::open();
    let [harvest, _] = noticed(&school).await;
    let (class, li, chen, guan) = (school.map.class, school.map.li, school.map.chen, school.map.guan);
    let activity = harvest.to_string();
    // The pupil, the guardian and the teacher, each on a fact or what is missing.
    let pupil = school.sign_in_now("li-pupil").await;
    let form = [("part", "graduation"), ("activity", activity.as_str()), ("text", "我还管浇水。")];
    let retold = part(&pupil.post(&format!("/child/{li}/objection"), &form).await);
    let parent = school.sign_in_now("chen-parent").await;
    let missing = part(
        &parent
            .post(&format!("/child/{chen}/objection"), &[("part", "graduation"), ("text", "八年级的合唱没有写。")])
            .await,
    );
    let lin = school.sign_in_now("lin").await;
    let of = guan.to_string();
    let form = [("part", "graduation"), ("activity", activity.as_str()), ("of", of.as_str()), ("text", "那天请假。")];
    let gone = part(&lin.post(&format!("/class/{class}/objection"), &form).await);
    for (form, why) in [
        (vec![("verdict", "change"), ("text", "查过")], "做了什么要写"),
        (
            vec![
                ("verdict", "change"),
                ("title", "校园菜地种植"),
                ("on", "2020-09-01"),
                ("until", "2026-12-18"),
                ("part", "organiser"),
                ("text", "查过"),
            ],
            "日期要在初中三年里",
        ),
        (
            vec![
                ("verdict", "change"),
                ("title", "菜地收青菜"),
                ("on", "2026-12-18"),
                ("until", "2026-12-18"),
                ("part", "organiser"),
                ("text", "查过"),
            ],
            "和原来写的一样",
        ),
    ] {
        let refused = answer(&school, &retold, &form).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{why}: {}", refused.text);
    }
    let told = [
        ("verdict", "change"),
        ("title", "校园菜地种植"),
        ("on", "2026-11-06"),
        ("until", "2026-12-18"),
        ("part", "organiser"),
        ("text", "和小组同学核实过。"),
    ];
    assert_eq!(answer(&school, &retold, &told).await.status, 303);
    let sung = [
        ("verdict", "change"),
        ("domain", "aesthetic"),
        ("title", "县中学生合唱节"),
        ("on", "2026-10-20"),
        ("until", "2026-10-20"),
        ("part", "participant"),
        ("text", "有节目单。"),
    ];
    assert_eq!(answer(&school, &missing, &sung).await.status, 303);
    assert_eq!(answer(&school, &gone, &[("verdict", "withdraw"), ("text", "请假条在。")]).await.status, 303);
    assert_eq!(school.count("graduation_fact"), 3);
    assert_eq!(school.count("notice WHERE part = 'graduation'"), 4, "each is noticed again");
    let page = school.sign_in_now("li-parent").await;
    let page = page.get(&format!("/child/{li}/notice/graduation?term={FIRST}")).await.text;
    assert!(page.contains("<del>菜地收青菜 · 12 月 18 日 · 主持策划</del>"), "{page}");
    assert!(page.contains("<ins>校园菜地种植 · 11 月 6 日—12 月 18 日 · 主持策划</ins>"), "{page}");
    assert!(page.contains("县中学生合唱节") && page.contains("这一条不再列这位同学"), "{page}");
    let line = &page[page.rfind("菜地收青菜").unwrap()..];
    assert!(!line.contains("关雪晴") && !line.contains("李沐阳") && line.contains("陈𠮷䶮"), "{line}");
    review(&school, &[li, chen, guan]).await;
    let sealed = school.sign_in_now("principal1").await.post(&format!("/principal/graduation/{class}"), &[]).await;
    assert!(sealed.location.ends_with("?sealed=3"), "{} {}", sealed.location, sealed.text);
    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    let titles = |student| {
        let file = &files.iter().find(|(file, ..)| file.student.id == student).unwrap().0;
        let told = file.facts.records.values().flatten().map(|record| record.title.clone());
        let mut told: Vec<String> = told.collect();
        told.sort();
        told
    };
    assert_eq!(titles(li), ["校园菜地种植"]);
    assert!(titles(chen).contains(&"县中学生合唱节".to_owned()) && titles(chen).contains(&"菜地收青菜".to_owned()));
    assert!(titles(guan).is_empty(), "{:?}", titles(guan));
}

#[actix_web::test]
async fn it_is_withdrawn_or_taken_to_the_committee_which_reads_six_terms() {
    let school = School::open();
    noticed(&school).await;
    let (class, li) = (school.map.class, school.map.li);
    let parent = school.sign_in_now("li-parent").await;
    let path = format!("/child/{li}/objection");
    let mut ids = Vec::new();
    for domain in ["moral", "labour"] {
        let form = [("part", "graduation"), ("domain", domain), ("text", "想请再看一看。")];
        ids.push(part(&parent.post(&path, &form).await));
    }
    assert_eq!(parent.post(&format!("/child/{li}/objections/{}/withdraw", ids[1]), &[]).await.status, 303);
    let stands = [("verdict", "stands"), ("text", "六个学期都看过，维持不变。")];
    assert_eq!(answer(&school, &ids[0], &stands).await.status, 303);
    let more = format!("/child/{li}/objections/{}/escalate", ids[0]);
    let fields = [("text", "请委员会看看照片。")];
    let further = send(&parent, &more, &fields, &[("a.jpg", &photo(31))]).await;
    assert_eq!(further.status, 303, "{}", further.text);
    let ping = account(&school, "ping").await;
    let desk = school.operator().school_office("3121042101").await.unwrap();
    let term = "2027-2".parse().unwrap();
    let position =
        qinghe::roster::Position::Several { role: qinghe::names::Role::Committee, classes: vec![class], term };
    let who = qinghe::roster::Appointment::Known(ping);
    desk.act(move |_| Ok(qinghe::roster::AppointStaff { who, position })).await.unwrap();
    let ping = school.sign_in_now("ping").await;
    let taken = ping.post(&format!("/committee/objections/{}/take", ids[0]), &[]).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    let case = taken.location.split("/objections").next().unwrap().to_owned();
    let six = ping.get(&format!("{case}/graduation")).await;
    assert!(six.status == 200 && six.text.contains("九下") && six.text.contains("三年里做事有头有尾"), "{}", six.text);
    let shown = ping.get(&format!("{}/photos/1", taken.location)).await;
    assert_eq!((shown.status, shown.media_type.as_str()), (200, "image/jpeg"));
    let upheld = [("verdict", "change"), ("text", "委员会看了，请评价小组重新商定。")];
    let said = ping.post(&format!("{}/answer", taken.location), &upheld).await;
    assert_eq!(said.location, "/committee/objections?answered=true", "{}", said.text);
    assert_eq!(school.count("graduation_again"), 1);
}

#[actix_web::test]
async fn the_engine_itself_holds_what_an_objection_brings() {
    let school = School::open();
    noticed(&school).await;
    let li = school.map.li;
    let parent = school.sign_in_now("li-parent").await;
    let form = [("part", "graduation"), ("domain", "moral"), ("text", "想请再看一看。")];
    let sent = send(&parent, &format!("/child/{li}/objection"), &form, &[("a.jpg", &photo(32))]).await;
    let id = part(&sent);
    let run = |sql: &str| {
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql.to_owned()).execute(c)).map_err(|e| e.to_string())
    };
    let again = "INSERT INTO graduation_again (school_id, objection_id, student_id, domain, revision) \
        SELECT school_id, id, student_id, domain, 1 FROM objection WHERE part = 'graduation'";
    assert!(run(again).unwrap_err().contains("no objection was upheld"));
    let fact = "INSERT INTO graduation_fact (school_id, objection_id, student_id, domain, title, starts_on, ends_on, part, account_id, at) \
        SELECT school_id, id, student_id, 'moral', 'x', '2026-12-01', '2026-12-01', 'main', account_id, at FROM objection WHERE part = 'graduation'";
    assert!(run(fact).unwrap_err().contains("no objection was upheld"));
    review(&school, &[li, school.map.chen, school.map.guan]).await;
    let seal = "INSERT INTO seal (school_id, student_id, term, part, version, class_id, sha256, account_id, at) \
         SELECT s.school_id, s.student_id, s.term, 'graduation', 1, s.class_id, s.sha256, s.account_id, s.at \
         FROM seal s JOIN objection o ON o.student_id = s.student_id WHERE s.term = 20272 AND o.part = 'graduation'";
    assert!(run(seal).unwrap_err().contains("an objection is open"));
    assert_eq!(answer(&school, &id, &[("verdict", "change"), ("text", "请重新商定。")]).await.status, 303);
    assert!(run(seal).unwrap_err().contains("a band is to be decided again"));
    for table in ["graduation_again", "objection_photo"] {
        assert!(run(&format!("DELETE FROM {table}")).unwrap_err().contains("append-only"), "{table}");
        assert!(run(&format!("UPDATE {table} SET school_id = school_id")).unwrap_err().contains("append-only"));
    }
    let lin = school.sign_in_now("lin").await;
    assert_eq!(decide(&school, &lin, li, "excellent").await.status, 303);
    let other = "INSERT INTO graduation SELECT school_id, student_id, domain, revision + 1, band, account_id, at FROM graduation WHERE domain = 'labour'";
    assert!(run(other).unwrap_err().contains("the graduation is reviewed"));
}
