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
    let long = "很".repeat(31);
    let refused = peng.post(&save, &[("kind", "sport"), ("item", long.as_str())]).await;
    assert!(refused.status == 422 && refused.text.contains("最多 30 个字"), "{}", refused.text);
    let none: Vec<(&str, &str)> = vec![("kind", "sport"), ("item_0", "篮球")];
    assert!(peng.post(&save, &none).await.location.ends_with("saved=2"));
    assert!(peng.get(&format!("{desk}/ticks")).await.text.contains("还没有列"), "a column nobody has is gone");
}
