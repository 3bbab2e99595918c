//! Facts first: written down once for many, handed in, reviewed; and what is refused.
use crate::support::{Answer, Person, School};
use diesel::prelude::*;
use qinghe::names::{ActivityId, StudentId};
use qinghe::on;

fn classroom(school: &School) -> String {
    format!("/class/{}", school.map.class)
}

fn child(student: StudentId) -> String {
    format!("/child/{student}")
}

const VISIT: &[(&str, &str)] = &[
    ("indicator", "D32"),
    ("title", "到镇敬老院包饺子"),
    ("on", "2026-12-22"),
    ("place", "镇敬老院"),
    ("hours", "2.5"),
    ("also_labour", "on"),
    ("words", "擀皮、包馅、端到老人手里，饺子下锅的时候一起唱了首歌。"),
];

/// The fields, some of them otherwise.
pub fn with<'f>(fields: &[(&'f str, &'f str)], other: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut all: Vec<(&str, &str)> = other.to_vec();
    all.extend(fields.iter().filter(|(name, _)| !other.iter().any(|(known, _)| known == name)));
    all
}

/// Hands in one record for a child; the first of a term promises honesty.
pub async fn hand_in(person: &Person<'_>, student: StudentId, other: &[(&str, &str)]) -> Answer {
    let form = with(VISIT, &with(&[("act", "submit"), ("pledge", "on")], other));
    person.post(&format!("{}/records", child(student)), &form).await
}

#[actix_web::test]
async fn one_activity_is_a_record_for_each_who_was_there() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let form = lin.get(&format!("{}/records", classroom(&school))).await;
    assert!(form.text.contains("陈𠮷䶮") && form.text.contains("社区志愿服务（记时长）"), "{}", form.text);
    assert!(!form.text.contains("体质健康单项测试数据"), "what is measured is not written down here");
    let id = form.hidden("id").unwrap().to_owned();
    let guan = format!("who_{}", school.map.guan);
    let sent = with(VISIT, &[("id", &id), (&guan, "on"), ("seats_organiser", "２")]);
    let saved = lin.post(&format!("{}/records", classroom(&school)), &sent).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let one = lin.get(&saved.location).await;
    assert!(one.text.contains("2 位同学各有一条记录") && one.text.contains("2.5 小时"), "{}", one.text);
    assert!(one.text.contains("主持策划") && !one.text.contains("关雪晴"), "{}", one.text);
    // The same form again is the same activity.
    let again = lin.post(&format!("{}/records", classroom(&school)), &sent).await;
    assert_eq!((again.status, again.location), (303, saved.location.clone()));
    assert_eq!((school.count("activity"), school.count("record")), (1, 2));
    let line = lin.get(&format!("{}/calendar", classroom(&school))).await;
    assert!(line.text.contains("到镇敬老院包饺子") && line.text.contains("2026 年 12 月"), "{}", line.text);
    // Families see their own child's, in both of its domains, and nobody else's part.
    let family = school.sign_in("li-parent").await;
    for domain in ["moral", "labour"] {
        let seen = family.get(&format!("{}/records?domain={domain}", child(school.map.li))).await;
        assert!(seen.text.contains("到镇敬老院包饺子") && seen.text.contains("班主任记录"), "{}", seen.text);
        assert!(!seen.text.contains("主持策划") && !seen.text.contains("陈𠮷䶮"), "{}", seen.text);
    }
    let other = family.get(&format!("{}/records?domain=aesthetic", child(school.map.li))).await;
    assert!(!other.text.contains("到镇敬老院包饺子"));
    // Taken back, it is seen no longer.
    let withdraw = format!("{}/records/{id}/withdraw", classroom(&school));
    let one = lin.post(&withdraw, &[("student", &school.map.chen.to_string())]).await;
    assert!(one.location.ends_with("?withdrawn=1"), "the others' records are still there: {}", one.location);
    let whole = lin.post(&withdraw, &[]).await;
    assert!(whole.location.ends_with("/calendar"), "{} {}", whole.location, whole.text);
    assert!(!family.get(&format!("{}/records", child(school.map.li))).await.text.contains("到镇敬老院包饺子"));
    assert_eq!(lin.post(&withdraw, &[]).await.status, 404);
}

#[actix_web::test]
async fn what_cannot_be_is_refused_with_a_sentence_and_nothing_is_lost() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let at = format!("{}/records", classroom(&school));
    for (field, typed, said) in [
        ("title", "", "名称还空着"),
        ("title", "一个很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长的名称", "最多 30 个字"),
        ("on", "2026-07-01", "不在本学期里"),
        ("on", "2027-01-05", "还没有到"),
        ("on", "去年冬天", "“去年冬天”认不出"),
        ("until", "2026-12-20", "在开始之前"),
        ("hours", "30", "比这 1 天的 24 小时还多"),
        ("hours", "很久", "“很久”认不出"),
        ("hours", "", "要记时长"),
        ("indicator", "T41", "还没有选属于哪一项"),
        ("indicator", "X11", "主要属于哪一育"),
        ("level", "galaxy", "级别认不出"),
        ("seats_organiser", "99", "不是本班的班内学号"),
        ("seats_organiser", "二号", "不是本班的班内学号"),
    ] {
        let answer = lin.post(&at, &with(VISIT, &[(field, typed)])).await;
        assert_eq!(answer.status, 422, "{field} {typed}: {}", answer.text);
        assert!(answer.text.contains(said), "{field} {typed}: {}", answer.text);
        assert!(answer.text.contains("擀皮、包馅"), "{field}: what was typed is still there");
    }
    let chen = format!("who_{}", school.map.chen);
    let both = lin.post(&at, &with(VISIT, &[(&chen, "on"), ("seats_main", "2")])).await;
    assert!(both.status == 422 && both.text.contains("2 号陈𠮷䶮标了没参加，又写了分工"), "{}", both.text);
    let nobody = lin.post(&at, &with(VISIT, &[("mode", "some")])).await;
    assert!(nobody.status == 422 && nobody.text.contains("没有一位同学参加"), "{}", nobody.text);
    let occurrence = lin.post(&at, &with(VISIT, &[("indicator", "D12")])).await;
    assert!(occurrence.status == 422 && occurrence.text.contains("不记时长"), "{}", occurrence.text);
    let skill = lin.post(&at, &with(VISIT, &[("indicator", "L12"), ("hours", "")])).await;
    assert!(skill.status == 422 && skill.text.contains("学到什么程度"), "{}", skill.text);
    assert_eq!(school.count("activity"), 0);
    // Three days of a labour week may well have thirty hours.
    let week = with(VISIT, &[("indicator", "L31"), ("on", "2026-10-12"), ("until", "2026-10-14"), ("hours", "30")]);
    assert_eq!(lin.post(&at, &week).await.status, 303);
}

#[actix_web::test]
async fn a_pupil_drafts_hands_in_completes_and_is_confirmed() {
    let school = School::open();
    let (lin, pupil, parent) =
        (school.sign_in("lin").await, school.sign_in("li-pupil").await, school.sign_in("li-parent").await);
    let (li, at) = (school.map.li, format!("{}/records", child(school.map.li)));
    let id = ActivityId::new().to_string();
    let draft = pupil.post(&at, &[("id", &id), ("act", "draft"), ("indicator", "D32"), ("on", "2026-12-26")]).await;
    assert_eq!(draft.status, 303, "{}", draft.text);
    let own = pupil.get(&at).await;
    assert!(own.text.contains("草稿") && own.text.contains("（还没有名称）"), "{}", own.text);
    let opened = pupil.get(&format!("{at}/{id}")).await;
    assert!(opened.text.contains("value=\"2026-12-26\""), "{}", opened.text);
    // A draft is its writer's own.
    assert!(!parent.get(&at).await.text.contains("草稿"));
    assert_eq!(parent.get(&format!("{at}/{id}")).await.status, 404);
    let review = format!("{}/review", classroom(&school));
    assert!(lin.get(&review).await.text.contains("都看完了"));
    // Handed in without the promise: no.
    let unpledged = pupil.post(&at, &with(VISIT, &[("id", &id), ("act", "submit")])).await;
    assert!(unpledged.status == 422 && unpledged.text.contains("诚信承诺"), "{}", unpledged.text);
    assert_eq!(school.count("pledge"), 0);
    let handed = hand_in(&pupil, li, &[("id", &id)]).await;
    assert_eq!(handed.status, 303, "{}", handed.text);
    assert_eq!(hand_in(&pupil, li, &[("id", &id)]).await.status, 303, "twice is once");
    assert_eq!((school.count("activity"), school.count("record"), school.count("pledge")), (1, 2, 1));
    assert!(!parent.get(&at).await.text.contains("到镇敬老院包饺子"), "a family sees what is confirmed");
    let card = lin.get(&review).await;
    assert!(card.text.contains("到镇敬老院包饺子") && card.text.contains("本人记录"), "{}", card.text);
    let key = card.hidden("record").unwrap().to_owned();
    assert_eq!(key, format!("{li}.{id}"));
    // Returned without a word: no. With ready words: yes, kindly.
    let silent = lin.post(&review, &[("record", &key), ("act", "return")]).await;
    assert!(silent.status == 422 && silent.text.contains("请写一句要补充什么"), "{}", silent.text);
    let back = lin.post(&review, &[("record", &key), ("act", "return"), ("ask_1", "on"), ("ask_4", "on")]).await;
    assert_eq!(back.status, 303, "{}", back.text);
    let told = pupil.get(&at).await;
    assert!(told.text.contains("想请你补充：和谁一起，自己做了哪一部分。写好再交给我。"), "{}", told.text);
    assert!(told.text.contains("收件箱，1 条没看"), "whoever wrote it is told: {}", told.text);
    let inbox = pupil.get("/inbox").await.text;
    assert!(inbox.contains("李沐阳：有一条记录请您补充") && inbox.contains(&at), "{inbox}");
    assert!(parent.get("/inbox").await.text.contains("还没有给您的提醒"), "and nobody else");
    let again =
        pupil.post(&at, &with(VISIT, &[("id", &id), ("act", "submit"), ("words", "和表姐一起，我管擀皮。")])).await;
    assert_eq!(again.status, 303, "{}", again.text);
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "confirm")]).await.status, 303);
    let seen = parent.get(&at).await;
    assert!(
        seen.text.contains("和表姐一起，我管擀皮。") && seen.text.contains("本人记录，班主任已核实"),
        "{}",
        seen.text
    );
    // Confirmed, it stands.
    let late = pupil.post(&at, &with(VISIT, &[("id", &id), ("act", "submit"), ("words", "其实没去。")])).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!(pupil.post(&format!("{at}/{id}/take-back"), &[]).await.status, 409);
    // Undone, it waits again, and its writer may take it back.
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "undo")]).await.status, 303);
    assert!(!parent.get(&at).await.text.contains("和表姐一起"));
    assert_eq!(pupil.post(&format!("{at}/{id}/take-back"), &[]).await.status, 303);
    assert!(lin.get(&review).await.text.contains("都看完了"));
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "confirm")]).await.status, 409);
}

#[actix_web::test]
async fn nobody_writes_about_another_pupil() {
    let school = School::open();
    let (pupil, parent, chen) =
        (school.sign_in("li-pupil").await, school.sign_in("li-parent").await, school.sign_in("chen-parent").await);
    let other = format!("who_{}", school.map.chen);
    let tagged = hand_in(&pupil, school.map.li, &[(&other, "on")]).await;
    assert!(tagged.status == 422 && tagged.text.contains("不能替别的同学写"), "{}", tagged.text);
    assert_eq!(hand_in(&pupil, school.map.chen, &[]).await.status, 404);
    assert_eq!((school.count("activity"), school.count("record")), (0, 0));
    // Another's id is no way in.
    let id = ActivityId::new().to_string();
    assert_eq!(hand_in(&parent, school.map.li, &[("id", &id)]).await.status, 303);
    assert_eq!(hand_in(&pupil, school.map.li, &[("id", &id)]).await.status, 404);
    assert_eq!(hand_in(&chen, school.map.chen, &[("id", &id)]).await.status, 404);
    assert_eq!(chen.post(&format!("{}/records/{id}/take-back", child(school.map.chen)), &[]).await.status, 404);
    // Nor is a record of another class reviewed.
    let wu = school.sign_in("wu").await;
    let key = format!("{}.{id}", school.map.li);
    let other_class = format!("/class/{}/review", school.map.other_class);
    assert_eq!(wu.post(&other_class, &[("record", &key), ("act", "confirm")]).await.status, 404);
    assert_eq!(school.count("record"), 1);
}

#[actix_web::test]
async fn many_of_one_event_are_confirmed_at_once_and_doubts_are_questions() {
    let school = School::open();
    let (lin, li, chen) =
        (school.sign_in("lin").await, school.sign_in("li-parent").await, school.sign_in("chen-parent").await);
    hand_in(&li, school.map.li, &[]).await;
    hand_in(&chen, school.map.chen, &[]).await;
    let review = format!("{}/review", classroom(&school));
    let card = lin.get(&review).await;
    assert!(card.text.contains("同一件事") && card.text.contains("这句话，另外 1 条记录里也有"), "{}", card.text);
    assert!(card.text.contains("可以问一问"));
    for word in ["作弊", "造假", "抄袭", "举报"] {
        assert!(!card.text.contains(word), "a question is no accusation: {word}");
    }
    let key = card.hidden("record").unwrap().to_owned();
    let from = card.text.find("name=\"same_").unwrap() + 6;
    let same = card.text[from..].split('"').next().unwrap().to_owned();
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "confirm"), (&same, "on")]).await.status, 303);
    assert!(lin.get(&review).await.text.contains("都看完了"));
    assert_eq!(school.count("journal WHERE verb = 'records_reviewed'"), 1, "one act, one line");
    // Three in a minute, and a day of more hours than one is awake.
    for (title, hours) in [("扫雪", "8"), ("码柴垛", "7"), ("喂鸡", "1")] {
        let answer =
            hand_in(&li, school.map.li, &[("title", title), ("hours", hours), ("words", ""), ("on", "2026-12-27")])
                .await;
        assert_eq!(answer.status, 303, "{}", answer.text);
    }
    let asked = lin.get(&review).await;
    assert!(asked.text.contains("一分钟里交了 3 条") && asked.text.contains("加起来有 16 小时"), "{}", asked.text);
    // A question keeps nobody from confirming.
    let key = asked.hidden("record").unwrap().to_owned();
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "confirm")]).await.status, 303);
}

#[actix_web::test]
async fn a_teacher_who_enters_for_a_pupil_says_so() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let li = format!("who_{}", school.map.li);
    let form = with(VISIT, &[("mode", "some"), (&li, "on"), ("on_behalf", "on")]);
    assert_eq!(lin.post(&format!("{}/records", classroom(&school)), &form).await.status, 303);
    let seen = school.sign_in("li-parent").await.get(&format!("{}/records", child(school.map.li))).await;
    assert!(seen.text.contains("班主任代录"), "{}", seen.text);
    let chen = school.sign_in("chen-parent").await.get(&format!("{}/records", child(school.map.chen))).await;
    assert!(!chen.text.contains("敬老院"), "{}", chen.text);
}

#[actix_web::test]
async fn only_the_exceptions_are_marked_and_the_term_comes_out_by_itself() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let at = format!("{}/roll", classroom(&school));
    let page = lin.get(&at).await;
    assert!(page.text.contains("升旗仪式") && page.text.contains("周一 1 月 4 日"), "{}", page.text);
    let li = school.map.li;
    let flag = |day: &str| format!("a_{day}_{li}");
    let (today, before) = (flag("2027-01-04"), flag("2026-12-28"));
    assert_eq!(lin.post(&at, &[("kind", "flag"), ("week", "2027-01-04"), (&today, "on")]).await.status, 303);
    assert_eq!(lin.post(&at, &[("kind", "flag"), ("week", "2026-12-28")]).await.status, 303);
    let told = parent.get(&format!("{}/records", child(li))).await;
    assert!(told.text.contains("这学期 2 次，1 月 4 日没到。"), "{}", told.text);
    let chen = school.sign_in("chen-parent").await.get(&format!("{}/records", child(school.map.chen))).await;
    assert!(chen.text.contains("这学期 2 次，都到了。"), "{}", chen.text);
    // The same week again changes nothing; a mistake is mended.
    let n = school.count("roll_call");
    assert_eq!(lin.post(&at, &[("kind", "flag"), ("week", "2026-12-28")]).await.status, 303);
    assert_eq!(school.count("roll_call"), n);
    assert_eq!(lin.post(&at, &[("kind", "flag"), ("week", "2027-01-04"), (&before, "on")]).await.status, 303);
    let mended = parent.get(&format!("{}/records", child(li))).await;
    assert!(mended.text.contains("这学期 2 次，都到了。"), "{}", mended.text);
    // A week of duty has a column a school day; one that was not held counts for nobody.
    let duty = lin.get(&format!("{at}?kind=duty&week=2026-12-28")).await;
    assert!(duty.text.contains("周四 12 月 31 日") && !duty.text.contains("周六"), "{}", duty.text);
    let off = [("kind", "duty"), ("week", "2026-12-28"), ("off_2026-12-28", "on")];
    assert_eq!(lin.post(&at, &off).await.status, 303);
    let told = parent.get(&format!("{}/records?domain=labour", child(li))).await;
    assert!(told.text.contains("值日") && told.text.contains("都做了"), "{}", told.text);
    // Not ahead, not outside the term, not another's class.
    for week in ["2027-01-11", "2026-07-06"] {
        let refused = lin.post(&at, &[("kind", "flag"), ("week", week)]).await;
        assert!(refused.status == 422 && refused.text.contains("还没有可以记的日子"), "{week}: {}", refused.text);
    }
    assert_eq!(lin.post(&at, &[("kind", "party"), ("week", "2027-01-04")]).await.status, 422);
    let far = format!("a_2027-01-04_{}", school.map.zhao);
    lin.post(&at, &[("kind", "exercise"), ("week", "2027-01-04"), (&far, "on")]).await;
    assert_eq!(school.count("absence WHERE kind = 'exercise'"), 0);
}

#[actix_web::test]
async fn housework_is_said_by_the_pupil_and_confirmed_at_home() {
    let school = School::open();
    let (pupil, parent) = (school.sign_in("li-pupil").await, school.sign_in("li-parent").await);
    let at = format!("{}/housework", child(school.map.li));
    let week = ("week", "2026-12-28");
    assert_eq!(pupil.post(&at, &[week, ("act", "say"), ("did_dishes", "on"), ("did_stove", "on")]).await.status, 303);
    assert!(parent.get(&format!("{at}?week=2026-12-28")).await.text.contains("等家长确认"));
    assert_eq!(pupil.post(&at, &[week, ("act", "confirm"), ("did_dishes", "on")]).await.status, 404);
    let silent = parent.post(&at, &[week, ("act", "differs"), ("did_stove", "on")]).await;
    assert!(silent.status == 422 && silent.text.contains("哪里有出入"), "{}", silent.text);
    let differs = [week, ("act", "differs"), ("did_stove", "on"), ("note", "碗是我洗的。")];
    assert_eq!(parent.post(&at, &differs).await.status, 303);
    assert!(pupil.get(&format!("{at}?week=2026-12-28")).await.text.contains("家长说：碗是我洗的。"));
    assert_eq!(parent.post(&at, &[week, ("act", "confirm"), ("did_stove", "on")]).await.status, 303);
    assert_eq!(pupil.post(&at, &[week, ("act", "say"), ("did_dishes", "on")]).await.status, 409);
    for (wrong, said) in
        [("2027-01-11", "不是本学期已经开始的一周"), ("2026-12-29", "不是本学期"), ("上周", "认不出是哪一周")]
    {
        let refused = parent.post(&at, &[("week", wrong), ("act", "confirm"), ("did_cook", "on")]).await;
        assert!(refused.status == 422 && refused.text.contains(said), "{wrong}: {}", refused.text);
    }
    let nothing = parent.post(&at, &[("week", "2027-01-04"), ("act", "confirm")]).await;
    assert!(nothing.status == 422 && nothing.text.contains("还没有勾选"), "{}", nothing.text);
    assert_eq!(school.count("housework"), 3);
}

#[actix_web::test]
async fn what_was_said_with_a_family_stays_in_the_school_unless_shared() {
    let school = School::open();
    let (lin, li, chen) =
        (school.sign_in("lin").await, school.sign_in("li-parent").await, school.sign_in("chen-parent").await);
    let at = format!("{}/contacts", classroom(&school));
    let who = format!("who_{}", school.map.li);
    let visit = [("kind", "visit"), ("day", "2026-12-20"), ("words", "家里添了小妹妹，夜里睡得晚。"), (&who, "on")];
    assert_eq!(lin.post(&at, &visit).await.status, 303);
    let page = lin.get(&at).await;
    assert!(page.text.contains("家里添了小妹妹") && page.text.contains("只留在学校"), "{}", page.text);
    let home = format!("{}/contacts", child(school.map.li));
    assert!(!li.get(&home).await.text.contains("小妹妹"));
    let from = page.text.find("/contacts/").unwrap();
    let id = page.text[from + 10..].split('/').next().unwrap().to_owned();
    assert_eq!(lin.post(&format!("{at}/{id}/share"), &[("shared", "yes")]).await.status, 303);
    assert!(li.get(&home).await.text.contains("小妹妹"));
    assert!(!chen.get(&format!("{}/contacts", child(school.map.chen))).await.text.contains("小妹妹"));
    assert_eq!(lin.post(&format!("{at}/{id}/share"), &[("shared", "no")]).await.status, 303);
    assert!(!li.get(&home).await.text.contains("小妹妹"));
    // An invitation is shared, and answered by each family for itself.
    let meeting = [("kind", "meeting"), ("day", "2027-01-12"), ("words", "期末家长会，下午两点。"), ("all", "on")];
    assert_eq!(lin.post(&at, &meeting).await.status, 303);
    let asked = li.get(&home).await;
    assert!(asked.text.contains("期末家长会") && asked.text.contains("我来"), "{}", asked.text);
    let from = asked.text.find("/contacts/").unwrap();
    let id = asked.text[from + 10..].split('/').next().unwrap().to_owned();
    let reply = [("coming", "yes"), ("words", "我和他奶奶一起来。")];
    assert_eq!(li.post(&format!("{home}/{id}/reply"), &reply).await.status, 303);
    assert!(lin.get(&at).await.text.contains("李沐阳家：来"));
    assert!(!chen.get(&format!("{}/contacts", child(school.map.chen))).await.text.contains("奶奶"));
    let pupil = school.sign_in("li-pupil").await;
    assert_eq!(pupil.post(&format!("{home}/{id}/reply"), &reply).await.status, 404, "a guardian answers");
    for (field, typed, said) in [
        ("day", "2027-02-30", "认不出"),
        ("words", "", "谈了什么还空着"),
        ("kind", "party", "还没有选"),
        ("all", "", "还没有选哪位同学"),
    ] {
        let mut form: Vec<(&str, &str)> = meeting.iter().copied().filter(|(name, _)| *name != field).collect();
        if !typed.is_empty() {
            form.push((field, typed));
        }
        let refused = lin.post(&at, &form).await;
        assert!(refused.status == 422 && refused.text.contains(said), "{field}: {}", refused.text);
    }
    let call = [("kind", "call"), ("day", "2027-01-12"), ("words", "想说说作息。"), ("all", "on")];
    assert!(lin.post(&at, &call).await.text.contains("请在谈过以后记"));
}

#[actix_web::test]
async fn facts_lie_beside_the_bands_and_count_for_nothing() {
    let school = School::open();
    let (lin, li) = (school.sign_in("lin").await, school.map.li.to_string());
    let at = format!("/class/{}/{}/beside", school.map.class, crate::support::TERM);
    assert!(lin.get(&at).await.json()[&li]["moral"]["evidence"].is_null());
    let only = format!("who_{}", school.map.li);
    for (n, title) in ["包饺子", "扫雪", "读报", "送信"].into_iter().enumerate() {
        let form = with(VISIT, &[("title", title), ("mode", "some"), (&only, "on")]);
        assert_eq!(lin.post(&format!("{}/records", classroom(&school)), &form).await.status, 303);
        let beside = lin.get(&at).await.json();
        let word = if n < 2 { "少" } else { "有" };
        assert_eq!(beside[&li]["moral"]["evidence"], word, "{beside}");
        assert_eq!(beside[&li]["labour"]["evidence"], word, "{beside}");
        assert!(beside[&li]["aesthetic"]["evidence"].is_null(), "{beside}");
        assert!(beside[&li]["moral"]["facts"][0].as_str().unwrap().contains("12 月 22 日"), "{beside}");
        assert!(beside[school.map.chen.to_string()]["moral"]["facts"].is_null(), "{beside}");
    }
    let grid = lin.get(&format!("/class/{}/grid", school.map.class)).await;
    assert!(!grid.text.contains("data-v=\"good\""), "no record makes a band");
    let one = lin.get(&format!("/class/{}/student/{li}", school.map.class)).await;
    assert!(one.text.contains("记录：有（") && one.text.contains("送信"), "{}", one.text);
}

#[actix_web::test]
async fn a_sealed_term_takes_no_more_records() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    crate::portfolio::teach_and_sign(&school, &lin, crate::support::term()).await;
    crate::portfolio::seal_term(&school, crate::support::term()).await.unwrap();
    // The notice has run since: everyone signs in anew.
    let (lin, pupil) = (school.sign_in_now("lin").await, school.sign_in_now("li-pupil").await);
    let form = with(VISIT, &[]);
    let late = lin.post(&format!("{}/records", classroom(&school)), &form).await;
    assert_eq!(late.status, 409, "{}", late.text);
    let late = hand_in(&pupil, school.map.li, &[]).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!((school.count("activity"), school.count("record")), (0, 0));
}

#[actix_web::test]
async fn what_is_written_stays_written() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    lin.post(&format!("{}/records", classroom(&school)), &with(VISIT, &[])).await;
    let conn = &mut school.raw();
    for (table, column) in [("activity", "role"), ("telling", "title"), ("record", "state")] {
        for sql in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
            let said = on!(conn, c => diesel::sql_query(&sql).execute(c)).unwrap_err().to_string();
            assert!(said.contains("append-only"), "{sql}: {said}");
        }
    }
}

#[actix_web::test]
async fn the_school_has_its_year_before_it() {
    let school = School::open();
    let page = school.sign_in("office1").await.get("/office/year").await;
    for word in ["劳动周（秋收）", "汉字听写大赛", "古诗词诵读大赛", "校园歌手大赛", "文件第 19 条"]
    {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
}

#[actix_web::test]
async fn who_organises_writes_one_activity_for_several_classes() {
    let school = School::open();
    let (tuan, lin, wu) = (school.sign_in("tuan").await, school.sign_in("lin").await, school.sign_in("wu").await);
    let form = tuan.get("/organiser/records").await;
    assert!(form.text.contains("八年级(2)班") && form.text.contains("赵清如"), "{}", form.text);
    let (map, at) = (&school.map, "/organiser/records");
    let (one, two) = (format!("class_{}", map.class), format!("class_{}", map.other_class));
    let (id_one, id_two) = (format!("id_{}", map.class), format!("id_{}", map.other_class));
    let ids = [form.hidden(&id_one).unwrap().to_owned(), form.hidden(&id_two).unwrap().to_owned()];
    let (chen, seats) = (format!("who_{}", map.chen), format!("seats_organiser_{}", map.other_class));
    let sent =
        [(one.as_str(), "on"), (&two, "on"), (&id_one, &ids[0]), (&id_two, &ids[1]), (&chen, "on"), (&seats, "1")];
    let saved = tuan.post(at, &with(VISIT, &sent)).await;
    assert_eq!((saved.status, saved.location.as_str()), (303, "/organiser/records?saved=3"), "{}", saved.text);
    assert_eq!(tuan.post(at, &with(VISIT, &sent)).await.status, 303, "twice is once");
    assert_eq!((school.count("activity"), school.count("record")), (2, 3));
    assert!(lin.get(&format!("{}/calendar", classroom(&school))).await.text.contains("参加 2 人"));
    assert!(wu.get(&format!("/class/{}/calendar", map.other_class)).await.text.contains("参加 1 人"));
    let seen = school.sign_in("li-parent").await.get(&format!("{}/records", child(map.li))).await;
    assert!(seen.text.contains("到镇敬老院包饺子") && seen.text.contains("学校记录"), "{}", seen.text);
    // No class, or a seat of nobody: nothing is stored, and nothing lost.
    let none = tuan.post(at, VISIT).await;
    assert!(none.status == 422 && none.text.contains("还没有选班级") && none.text.contains("擀皮"), "{}", none.text);
    let wrong = tuan.post(at, &with(VISIT, &[(&two, "on"), (&seats, "7")])).await;
    assert!(wrong.status == 422 && wrong.text.contains("“7”不是本班的班内学号"), "{}", wrong.text);
    // A class of another school is none of the post's.
    let far = format!("class_{}", map.far_class);
    assert_eq!(tuan.post(at, &with(VISIT, &[(&far, "on")])).await.status, 422);
    assert_eq!(school.count("activity"), 2);
}

#[actix_web::test]
async fn a_long_timeline_is_leafed_through_ten_by_ten() {
    let school = School::open();
    let (lin, family) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let only = format!("who_{}", school.map.li);
    for n in 1..=23 {
        let (title, on) = (format!("第 {n:02} 件事"), format!("2026-12-{n:02}"));
        let item = if n % 2 == 0 { ("indicator", "D32") } else { ("indicator", "D31") };
        let form = with(VISIT, &[("title", &title), ("on", &on), item, ("mode", "some"), (&only, "on"), ("hours", "")]);
        let form = if n % 2 == 0 { with(&form, &[("hours", "1")]) } else { form };
        let saved = lin.post(&format!("{}/records", classroom(&school)), &form).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
    }
    let at = format!("{}/records", child(school.map.li));
    let shown =
        |text: &str| -> Vec<u32> { (1..=23).filter(|n| text.contains(&format!("第 {n:02} 件事"))).collect() };
    let first = family.get(&at).await;
    assert_eq!(shown(&first.text), (14..=23).collect::<Vec<_>>());
    assert!(first.text.contains("第 1—10 条，共 23 条") && first.text.contains("较早的"), "{}", first.text);
    assert!(!first.text.contains("较新的"));
    let link = |text: &str, rel: &str| {
        let tag = text.split("<a ").find(|tag| tag.contains(&format!("rel=\"{rel}\""))).unwrap().to_owned();
        tag.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&").replace("&#x2F;", "/")
    };
    let second = family.get(&link(&first.text, "next")).await;
    assert_eq!(shown(&second.text), (4..=13).collect::<Vec<_>>());
    let last = family.get(&link(&second.text, "next")).await;
    assert_eq!(shown(&last.text), (1..=3).collect::<Vec<_>>());
    assert!(last.text.contains("第 21—23 条") && !last.text.contains("较早的"), "{}", last.text);
    assert_eq!(shown(&family.get(&link(&last.text, "prev")).await.text), (4..=13).collect::<Vec<_>>());
    // Taken back, one is counted no more; far beyond the end there is nothing, and a way back.
    let beyond = family.get(&format!("{at}?after=9000")).await;
    assert!(beyond.status == 200 && shown(&beyond.text).is_empty() && beyond.text.contains("较新的"));
    assert_eq!(shown(&family.get(&link(&beyond.text, "prev")).await.text), (1..=10).collect::<Vec<_>>());
    let moral = family.get(&format!("{at}?domain=physical")).await;
    assert!(shown(&moral.text).is_empty());
}
