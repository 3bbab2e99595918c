//! 异动: pupils come and go, and every list is right on every day.
use crate::support::{self, Person, School, TERM};
use chrono::{Days, NaiveDate};
use qinghe::access::Refused;
use qinghe::names::{ClassId, Cohort, Sex, StudentId};
use qinghe::roster::{AdmitPupil, Change, MovePupil, OpenClass, class_register};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Small, fast, the same each run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// What a naive clerk writes on one sheet per pupil: from this day on in this class, or
/// in none.
#[derive(Default)]
struct Sheet(BTreeMap<NaiveDate, Option<ClassId>>);

impl Sheet {
    fn on(&self, day: NaiveDate) -> Option<ClassId> {
        self.0.range(..=day).next_back().and_then(|(_, class)| *class)
    }

    fn last(&self) -> (NaiveDate, Option<ClassId>) {
        self.0.iter().next_back().map(|(day, class)| (*day, *class)).unwrap()
    }
}

#[actix_web::test]
async fn two_hundred_histories_give_the_right_list_on_every_day_of_three_years() {
    let school = School::open();
    let first = day("2025-09-01");
    school.clock.set(first.and_hms_opt(8, 0, 0).unwrap());
    let office = school.operator().school_office("3121042101").await.unwrap();
    let whole = office.whole_school();
    let mut classes = Vec::new();
    for number in 3..8 {
        classes.push(office.act(move |_| Ok(OpenClass { cohort: Cohort(2025), number })).await.unwrap());
    }
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut sheets: BTreeMap<StudentId, Sheet> = BTreeMap::new();
    let mut plan: Vec<(NaiveDate, StudentId)> = Vec::new();
    for n in 0..200_u32 {
        let class = classes[n as usize % classes.len()];
        let mut new = support::pupil(&format!("学生{n}"), n as i32 / 5 + 1, 100 + n, Sex::Male);
        new.entered_on = first + Days::new(if n % 9 == 0 { dice.below(40) } else { 0 });
        let entered = new.entered_on;
        let act = AdmitPupil::new(&office.house().keys, class, new);
        let id = office.act(move |_| Ok(act)).await.unwrap();
        sheets.entry(id).or_default().0.insert(entered, Some(class));
        for _ in 0..dice.below(7) {
            plan.push((first + Days::new(45 + dice.below(950)), id));
        }
    }
    plan.sort();
    let (mut done, mut refused) = (0, 0);
    for (today, student) in plan {
        school.clock.set(today.and_hms_opt(10, 0, 0).unwrap());
        let sheet = sheets.get_mut(&student).unwrap();
        let (before, at) = sheet.last();
        let on = (today + Days::new(dice.below(16))) - Days::new(6);
        let to = classes[dice.below(5) as usize];
        let gone_out = at.is_none() && sheet.0.values().filter(|class| class.is_none()).count() % 2 == 0;
        let (change, then) = match (at, dice.below(4)) {
            (Some(here), 0 | 1) if here != to => (Change::ChangeClass { to, seat: None }, Some(to)),
            (Some(_), _) if sheet.0.values().filter(|class| class.is_none()).count() % 2 == 0 => (Change::Leave, None),
            (Some(_), _) => (Change::MoveOut, None),
            (None, _) if gone_out => (Change::MoveIn { to, seat: None }, Some(to)),
            (None, _) => (Change::ComeBack { to, seat: None }, Some(to)),
        };
        let reason = "家庭搬迁".to_owned();
        match office.act(move |_| Ok(MovePupil { student, change, on, reason })).await {
            Ok(()) => {
                assert!(on > before, "{student} moved on {on}, though the last movement was on {before}");
                assert!(
                    before <= today,
                    "{student} has a movement ahead, on {before}, and another was taken on {today}"
                );
                sheet.0.insert(on, then);
                done += 1;
            }
            // Too early after the last one, one still ahead, or beyond the term.
            Err(Refused::Invalid(_) | Refused::Conflict(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(done > 400 && refused > 0, "{done} movements, {refused} refused");
    let (asked, all) = (classes.clone(), first.iter_days().take(3 * 365 + 1).collect::<Vec<_>>());
    let days = all.clone();
    let lists = office
        .look(move |look| {
            let mut lists = Vec::new();
            for day in days {
                for class in &asked {
                    lists.push((day, *class, class_register(look, whole, *class, day)?));
                }
            }
            Ok(lists)
        })
        .await
        .unwrap();
    assert_eq!(lists.len(), all.len() * classes.len());
    for (day, class, list) in lists {
        let told: Vec<StudentId> = list.iter().map(|pupil| pupil.id).collect();
        let right: BTreeSet<StudentId> =
            sheets.iter().filter(|(_, sheet)| sheet.on(day) == Some(class)).map(|(id, _)| *id).collect();
        assert_eq!(told.len(), right.len(), "{class} on {day}");
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), right, "{class} on {day}");
        let seats: BTreeSet<i32> = list.iter().map(|pupil| pupil.seat).collect();
        assert_eq!(seats.len(), list.len(), "two at one seat in {class} on {day}");
    }
}

/// Everything that a refused movement must leave as it was.
fn standing(school: &School) -> [i64; 4] {
    [
        school.count("movement"),
        school.count("enrolment WHERE left_on IS NULL"),
        school.count("enrolment"),
        school.count("journal"),
    ]
}

async fn move_pupil(office: &Person<'_>, student: StudentId, form: &[(&str, &str)]) -> support::Answer {
    office.post(&format!("/office/pupils/{student}"), form).await
}

#[actix_web::test]
async fn a_pupil_who_changes_class_keeps_the_bands_and_the_new_teacher_goes_on() {
    let school = School::open();
    let (lin, wu) = (school.sign_in("lin").await, school.sign_in("wu").await);
    let office = school.sign_in("office1").await;
    let (li, from, to) = (school.map.li, school.map.class, school.map.other_class);
    let cell =
        |band: &str, revision: i32| json!([{ "student": li, "domain": "moral", "band": band, "revision": revision }]);
    let cells = |class: ClassId| format!("/class/{class}/{TERM}/cells");
    assert_eq!(lin.json(&cells(from), &cell("good", 0)).await.status, 200);
    assert_eq!(wu.json(&cells(to), &cell("good", 1)).await.status, 404, "not yet in this class");

    let class = to.to_string();
    let moved = [
        ("kind", "change_class"),
        ("class", &class),
        ("seat", "7"),
        ("on", "2027-01-04"),
        ("reason", "搬家后离二班近"),
    ];
    let answer = move_pupil(&office, li, &moved).await;
    assert_eq!(answer.location, format!("/office/pupils/{li}?done=change_class"), "{}", answer.text);
    let page = office.get(&answer.location).await.text;
    assert!(page.contains("转班记下了") && page.contains("八年级(1)班 → 八年级(2)班"), "{page}");
    assert!(page.contains("搬家后离二班近") && page.contains("张立新") && page.contains("按学籍名单入学"), "{page}");

    let grid = async |person: &Person<'_>, class| person.get(&format!("/class/{class}/grid")).await.text;
    assert!(!grid(&lin, from).await.contains("李沐阳"));
    let there = grid(&wu, to).await;
    assert!(there.contains("李沐阳") && there.contains("data-v=\"good\""), "{there}");
    assert_eq!(lin.json(&cells(from), &cell("qualified", 1)).await.status, 404);
    assert_eq!(wu.json(&cells(to), &cell("qualified", 1)).await.status, 200);
    let list = |on: &str| format!("/office/classes/{from}/list?on={on}");
    assert!(office.get(&list("2027-01-03")).await.text.contains("李沐阳"));
    assert!(!office.get(&list("2027-01-04")).await.text.contains("李沐阳"));
}

#[actix_web::test]
async fn what_cannot_be_is_said_in_a_sentence_and_changes_nothing() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (li, own, other, far) = (
        school.map.li,
        school.map.class.to_string(),
        school.map.other_class.to_string(),
        school.map.far_class.to_string(),
    );
    let unused = support::pupil("没有的人", 1, 400, Sex::Female).number;
    let before = standing(&school);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("kind", "leave"), ("on", "2025-08-31"), ("reason", "病")], "2025-09-01 才来"),
        (&[("kind", "leave"), ("on", "2025-09-01"), ("reason", "病")], "要在那一天以后"),
        (&[("kind", "leave"), ("on", "2027-03-10"), ("reason", "病")], "最晚到这个学期结束（2027-01-15）"),
        (&[("kind", "leave"), ("on", "明天"), ("reason", "病")], "请写生效日期"),
        (&[("kind", "leave"), ("on", "2027-01-04"), ("reason", "  ")], "请写一句原因"),
        (&[("kind", "come_back"), ("class", &own), ("on", "2027-01-04"), ("reason", "好了")], "不用办复学"),
        (&[("kind", "change_class"), ("class", &own), ("on", "2027-01-04"), ("reason", "调")], "就在这个班"),
        (&[("kind", "change_class"), ("class", &far), ("on", "2027-01-04"), ("reason", "调")], "本校没有这个班"),
        (&[("kind", "change_class"), ("class", "七班"), ("on", "2027-01-04"), ("reason", "调")], "请选到哪个班"),
        (
            &[("kind", "change_class"), ("class", &other), ("seat", "1"), ("on", "2027-01-04"), ("reason", "调")],
            "1 号班里已经有人",
        ),
        (
            &[("kind", "change_class"), ("class", &other), ("seat", "100"), ("on", "2027-01-04"), ("reason", "调")],
            "1 到 99",
        ),
        (&[("kind", "change_name"), ("name", "李沐阳"), ("on", "2027-01-04"), ("reason", "改")], "改了以后的姓名"),
        (&[("kind", "change_name"), ("name", "李木阳"), ("on", "2027-01-05"), ("reason", "改")], "不能写以后的日子"),
        (&[("kind", "number"), ("number", "G1"), ("on", "2027-01-04"), ("reason", "改")], "应为 1 个字母加 18 位"),
        (&[("kind", "number"), ("number", &unused), ("on", "2027-01-04"), ("reason", "改")], "已经是正式的"),
        (&[("kind", "withdraw"), ("on", "2027-01-04"), ("reason", "外出务工")], "县教育局批准"),
        (&[("kind", "repeat"), ("on", "2027-01-04"), ("reason", "留级")], "哪一种异动"),
        (&[("kind", "expel"), ("on", "2027-01-04"), ("reason", "开除")], "哪一种异动"),
        (&[("kind", "enter"), ("on", "2027-01-04"), ("reason", "再来")], "导入学籍"),
    ];
    for (form, words) in cases {
        let answer = move_pupil(&office, li, form).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{form:?}: {} {}", answer.status, answer.text);
        assert_eq!(standing(&school), before, "{form:?}");
    }
    assert_eq!(
        move_pupil(&office, school.map.yu, &[("kind", "leave"), ("on", "2027-01-04"), ("reason", "病")]).await.status,
        404
    );
    assert_eq!(standing(&school), before);

    // One movement at a time: who leaves next week cannot change class before.
    let leave = [("kind", "leave"), ("on", "2027-01-11"), ("reason", "手术后休养")];
    assert_eq!(move_pupil(&office, li, &leave).await.status, 303);
    let change = [("kind", "change_class"), ("class", other.as_str()), ("on", "2027-01-05"), ("reason", "调")];
    let answer = move_pupil(&office, li, &change).await;
    assert!(answer.status == 422 && answer.text.contains("还有一件休学在办"), "{}", answer.text);
    assert!(!answer.text.contains(">留级<") && !answer.text.contains("开除"));
    let lin = school.sign_in("lin").await;
    let cells = format!("/class/{}/{TERM}/cells", school.map.class);
    let cell = json!([{ "student": li, "domain": "moral", "band": "good", "revision": 0 }]);
    assert_eq!(lin.json(&cells, &cell).await.status, 200, "still in class until the day comes");
    school.clock.set(day("2027-01-12").and_hms_opt(9, 0, 0).unwrap());
    let (office, lin) = (school.sign_in_now("office1").await, school.sign_in_now("lin").await);
    let again = [("kind", "leave"), ("on", "2027-01-12"), ("reason", "再休")];
    let answer = move_pupil(&office, li, &again).await;
    assert!(answer.status == 422 && answer.text.contains("已经在休学"), "{}", answer.text);
    let out = [("kind", "move_out"), ("on", "2027-01-12"), ("reason", "转学")];
    assert!(move_pupil(&office, li, &out).await.text.contains("休学期间不办转学"));
    assert_eq!(lin.json(&cells, &cell).await.status, 404);
    let approved =
        [("kind", "withdraw"), ("approval", "石教发〔2027〕3号"), ("on", "2027-01-12"), ("reason", "随父母出国")];
    let answer = move_pupil(&office, li, &approved).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(office.get(&answer.location).await.text.contains("石教发〔2027〕3号"));
}

#[actix_web::test]
async fn a_pupil_moves_between_two_schools_of_the_county_only_when_let_go() {
    let school = School::open();
    let (one, two, fang) =
        (school.sign_in("office1").await, school.sign_in("office2").await, school.sign_in("fang").await);
    let (yu, class) = (school.map.yu, school.map.class.to_string());
    let number = support::pupil("于海洋", 1, 5, Sex::Male).number;
    let take = [("number", number.as_str()), ("class", &class), ("on", "2027-01-05"), ("reason", "父母在镇上工作")];
    let before = standing(&school);
    let answer = one.post("/office/pupils", &take).await;
    assert!(
        answer.status == 422 && answer.text.contains("另一所学校在籍") && !answer.text.contains("柳河乡"),
        "{}",
        answer.text
    );
    let nobody = support::pupil("没有的人", 1, 400, Sex::Female).number;
    let unknown = [("number", nobody.as_str()), ("class", &class), ("on", "2027-01-05"), ("reason", "转")];
    assert!(one.post("/office/pupils", &unknown).await.text.contains("县里没有这个学籍号的学生"));
    assert_eq!(standing(&school), before);

    let out = move_pupil(&two, yu, &[("kind", "move_out"), ("on", "2027-01-05"), ("reason", "转往镇上")]).await;
    assert_eq!(out.status, 303, "{}", out.text);
    let early = [("number", number.as_str()), ("class", &class), ("on", "2027-01-04"), ("reason", "转")];
    assert!(one.post("/office/pupils", &early).await.text.contains("2027-01-05 转出"));
    let answer = one.post("/office/pupils", &take).await;
    assert_eq!(answer.location, format!("/office/pupils/{yu}?done=move_in"), "{}", answer.text);
    assert!(one.post("/office/pupils", &take).await.text.contains("就在本校"));
    assert!(one.get("/office/pupils?q=yhy").await.text.contains("于海洋"));
    assert!(
        one.get("/office/classes/{class}/list?on=2027-01-05".replace("{class}", &class).as_str())
            .await
            .text
            .contains("于海洋")
    );
    let home = fang.get(&format!("/child/{yu}")).await;
    assert!(home.status == 200 && home.text.contains("石泉镇"), "{}", home.text);
    school.clock.set(day("2027-01-06").and_hms_opt(9, 0, 0).unwrap());
    let two = school.sign_in_now("office2").await;
    let kept = two.get(&format!("/office/pupils/{yu}")).await.text;
    assert!(kept.contains("已转出") && !kept.contains("转入</th>"), "the old school keeps its own history only");
}

#[actix_web::test]
async fn a_new_name_and_a_formal_number_leave_the_old_ones_in_the_history() {
    let school = School::open();
    let office = school.operator().school_office("3121042101").await.unwrap();
    let mut new = support::pupil("单于清", 9, 77, Sex::Male);
    new.number = "L210421201303050123".to_owned();
    new.document = None;
    let act = AdmitPupil::new(&office.house().keys, school.map.class, new);
    let id = office.act(move |_| Ok(act)).await.unwrap();
    let office = school.sign_in("office1").await;
    let formal = support::pupil("单于清", 9, 77, Sex::Male).number;
    let number = [("kind", "number"), ("number", formal.as_str()), ("on", "2027-01-04"), ("reason", "正式号下发")];
    assert_eq!(move_pupil(&office, id, &number).await.status, 303);
    let name = [("kind", "change_name"), ("name", "单宇清"), ("on", "2027-01-04"), ("reason", "户口簿更名")];
    assert_eq!(move_pupil(&office, id, &name).await.status, 303);
    let page = office.get(&format!("/office/pupils/{id}")).await.text;
    assert!(page.contains("单于清 → 单宇清") && page.contains("曾用名 单于清") && page.contains("L210421"), "{page}");
    assert!(!page.contains(&formal) && !page.contains("L210421201303050123"), "numbers are masked");
    for q in ["单于", "单宇", "danyuqing", "dyq", "9"] {
        assert!(office.get(&format!("/office/pupils?q={}", urlencode(q))).await.text.contains("单宇清"), "{q}");
    }
    assert!(office.get("/office/pupils?q=%25").await.text.contains("没有找到"));
}

fn urlencode(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[actix_web::test]
async fn seats_are_numbered_by_pinyin_and_older_lists_keep_theirs() {
    let school = School::open();
    let (office, other) = (school.sign_in("office1").await, school.sign_in("office2").await);
    let class = school.map.class;
    let path = format!("/office/classes/{class}/seats");
    let order = async |on: &str| {
        let text = office.get(&format!("/office/classes/{class}/list?on={on}")).await.text;
        let mut names: Vec<(usize, &str)> =
            ["李沐阳", "陈𠮷䶮", "关雪晴"].iter().filter_map(|name| Some((text.find(name)?, *name))).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(order("2027-01-04").await, ["李沐阳", "陈𠮷䶮", "关雪晴"]);
    let before = standing(&school);
    assert_eq!(other.post(&path, &[("from", "2027-01-04")]).await.status, 404);
    for (from, words) in [("哪天", "请写从哪一天起"), ("2028-01-01", "两个月以内"), ("2025-09-01", "两个月以内")]
    {
        let answer = office.post(&path, &[("from", from)]).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{from}: {}", answer.text);
    }
    assert_eq!(standing(&school), before);
    let answer = office.post(&path, &[("from", "2027-01-04")]).await;
    assert!(answer.location.ends_with("&numbered=3"), "{} {}", answer.location, answer.text);
    assert_eq!(order("2027-01-04").await, ["陈𠮷䶮", "关雪晴", "李沐阳"]);
    assert_eq!(order("2027-01-03").await, ["李沐阳", "陈𠮷䶮", "关雪晴"]);
    let again = office.post(&path, &[("from", "2027-01-04")]).await;
    assert!(again.status == 422 && again.text.contains("刚有异动"), "{}", again.text);
    let grid = school.sign_in("lin").await.get(&format!("/class/{class}/grid")).await.text;
    assert!(grid.find("关雪晴") < grid.find("李沐阳"));
}
