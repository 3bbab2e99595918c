//! What a class has done, in one grid a kind.
use crate::support::{School, TERM};

#[actix_web::test]
async fn a_column_is_ticked_for_all_and_taken_back_for_some_and_the_family_reads_it() {
    let school = School::open();
    let (fang, peng) = (school.sign_in("fang").await, school.sign_in("peng").await);
    let desk = format!("/subject/{}", school.map.class);
    let save = format!("{desk}/{TERM}/ticks");
    let child = format!("/child/{}/learning", school.map.li);
    let begun = fang.post(&save, &[("kind", "book"), ("item", "《朝花夕拾》")]).await;
    assert_eq!(begun.location, format!("{desk}/ticks?kind=book&saved=3"), "{}", begun.text);
    let (li, chen) = (format!("t_0_{}", school.map.li), format!("t_0_{}", school.map.chen));
    let some = [("kind", "book"), ("item_0", "《朝花夕拾》"), (li.as_str(), "done"), (chen.as_str(), "done")];
    assert!(fang.post(&save, &some).await.location.ends_with("saved=1"), "only 关雪晴 is taken back");
    let parent = school.sign_in("li-parent").await;
    assert!(parent.get(&child).await.text.contains("读过的书"));
    let guan = school.map.guan;
    let grid = fang.get(&format!("{desk}/ticks")).await.text;
    assert!(
        grid.contains("《朝花夕拾》") && !grid.contains(&format!(r#"name="t_0_{guan}" value="done" checked"#)),
        "{grid}"
    );

    assert_eq!(peng.post(&save, &[("kind", "book"), ("item", "篮球")]).await.status, 404, "not his grid");
    assert!(peng.post(&save, &[("kind", "sport"), ("item", "篮球")]).await.location.ends_with("saved=3"));
    let skilled = [("kind", "sport"), ("item_0", "篮球"), (li.as_str(), "skilled"), (chen.as_str(), "learning")];
    assert!(peng.post(&save, &skilled).await.location.ends_with("saved=2"));
    assert!(parent.get(&child).await.text.contains("篮球（熟练）"));
    let long = "很".repeat(27);
    let refused = peng.post(&save, &[("kind", "sport"), ("item", long.as_str())]).await;
    assert!(refused.status == 422 && refused.text.contains("最多 26 个字"), "{}", refused.text);
    let none: Vec<(&str, &str)> = vec![("kind", "sport"), ("item_0", "篮球")];
    assert!(peng.post(&save, &none).await.location.ends_with("saved=2"));
    assert!(peng.get(&format!("{desk}/ticks")).await.text.contains("还没有列"), "a column nobody has is gone");
}

/// How many records stand confirmed of an activity whose title has `title`.
async fn confirmed(school: &School, login: &'static str, title: &str) -> usize {
    let timeline = format!("/child/{}/records", school.map.li);
    let page = school.sign_in(login).await.get(&timeline).await;
    assert_eq!(page.status, 200);
    page.text.matches(title).count()
}

#[actix_web::test]
async fn a_tick_is_a_confirmed_record_once_and_is_taken_back_with_the_tick() {
    let school = School::open();
    let (fang, peng) = (school.sign_in("fang").await, school.sign_in("peng").await);
    let save = format!("/subject/{}/{TERM}/ticks", school.map.class);
    let (li, chen) = (format!("t_0_{}", school.map.li), format!("t_0_{}", school.map.chen));
    assert_eq!(fang.post(&save, &[("kind", "book"), ("item", "《朝花夕拾》")]).await.status, 303);
    assert_eq!(school.count("activity"), 1);
    assert_eq!(school.count("record WHERE state = 'confirmed'"), 3);
    let told = "telling WHERE indicator = 'Z14' AND domain = 'academic' AND title = '读完《朝花夕拾》'";
    assert_eq!(school.count(told), 1);
    assert_eq!(confirmed(&school, "li-parent", "读完《朝花夕拾》").await, 1);

    // Saved again as it is: nothing new.
    let guan = format!("t_0_{}", school.map.guan);
    let book = [("kind", "book"), ("item_0", "《朝花夕拾》")];
    let all = [book.as_slice(), &[(li.as_str(), "done"), (chen.as_str(), "done"), (guan.as_str(), "done")]].concat();
    assert!(fang.post(&save, &all).await.location.ends_with("saved=0"));
    assert_eq!(school.count("record"), 3);
    // Taken back for li, and told of him again: one activity, one record that stands.
    let others = [book.as_slice(), &[(chen.as_str(), "done"), (guan.as_str(), "done")]].concat();
    assert!(fang.post(&save, &others).await.location.ends_with("saved=1"));
    assert_eq!(confirmed(&school, "li-parent", "读完《朝花夕拾》").await, 0);
    assert!(fang.post(&save, &all).await.location.ends_with("saved=1"));
    assert_eq!(confirmed(&school, "li-parent", "读完《朝花夕拾》").await, 1);
    assert_eq!((school.count("activity"), school.count("record")), (1, 5));

    // A skill has a record from 会了 on, of the level it has come to.
    assert_eq!(peng.post(&save, &[("kind", "sport"), ("item", "篮球")]).await.status, 303);
    assert_eq!(school.count("activity"), 1, "who is still learning has no record yet");
    for (level, standing) in [("able", "会了"), ("skilled", "熟练")] {
        let ball = [("kind", "sport"), ("item_0", "篮球"), (li.as_str(), level), (chen.as_str(), "learning")];
        assert_eq!(peng.post(&save, &ball).await.status, 303);
        let newest = format!(
            "record r JOIN telling t ON t.activity_id = r.activity_id WHERE t.title = '篮球' AND t.attained = '{standing}' \
             AND r.state = 'confirmed'"
        );
        assert_eq!(school.count(&newest), 1, "{level}");
        assert_eq!(confirmed(&school, "li-parent", "篮球").await, 1, "{level}");
    }
}

#[actix_web::test]
async fn once_noticed_a_sheet_makes_no_more_records() {
    use diesel::prelude::*;
    let school = School::open();
    let fang = school.sign_in("fang").await;
    let save = format!("/subject/{}/{TERM}/ticks", school.map.class);
    assert_eq!(fang.post(&save, &[("kind", "book"), ("item", "《朝花夕拾》")]).await.status, 303);
    crate::notice::noticed(&school).await;
    let refused = fang.post(&save, &[("kind", "book"), ("item", "《骆驼祥子》")]).await;
    assert!(refused.status == 409 && refused.text.contains("已经公示"), "{} {}", refused.status, refused.text);
    assert_eq!((school.count("activity WHERE role = 'subject'"), school.count("tick")), (1, 3));
    let conn = &mut school.raw();
    for sql in ["UPDATE tick_activity SET item = 'x'", "DELETE FROM tick_activity"] {
        let said = qinghe::on!(&mut *conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string();
        assert!(said.contains("append-only"), "{said}");
    }
}

#[actix_web::test]
async fn a_notice_tells_that_it_was_done_and_not_how_well() {
    let school = School::open();
    let peng = school.sign_in("peng").await;
    let save = format!("/subject/{}/{TERM}/ticks", school.map.class);
    assert_eq!(peng.post(&save, &[("kind", "sport"), ("item", "少年拳")]).await.status, 303);
    let (li, chen) = (format!("t_0_{}", school.map.li), format!("t_0_{}", school.map.chen));
    let levels = [("kind", "sport"), ("item_0", "少年拳"), (li.as_str(), "skilled"), (chen.as_str(), "able")];
    assert_eq!(peng.post(&save, &levels).await.status, 303);
    crate::notice::noticed(&school).await;
    let notice = format!("/child/{}/notice", school.map.li);
    let page = school.sign_in("li-parent").await.get(&notice).await.text;
    assert_eq!(page.matches("<b>少年拳</b>").count(), 2, "one's own, and one line of the class: {page}");
    let line = page.rsplit("<b>少年拳</b>").next().unwrap();
    let (first, second) = (line.find("李沐阳").unwrap(), line.find("陈𠮷䶮").unwrap());
    assert!(first < second && !page.contains("熟练") && !page.contains("会了"), "{page}");
    let objections: Vec<&str> = line.split("activity=").skip(1).take(2).map(|rest| &rest[..36]).collect();
    assert_ne!(objections[0], objections[1], "each is objected to as what it is");
}
