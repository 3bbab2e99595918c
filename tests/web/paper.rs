//! 补录: terms before this platform come in from a workbook, and the principal signs them.
use crate::portfolio::sealed_files;
use crate::roster::sheet;
use crate::support::{School, TERM};
use diesel::prelude::*;
use qinghe::names::Domain;
use qinghe::portfolio::file::{Origin, TermFile};

const HEADER: [&str; 8] = ["班内学号", "姓名", "德", "智", "体", "美", "劳", "评语"];

/// A dry run's good rows, as its page sends them back.
fn rows_of(page: &str) -> Option<String> {
    let from = page.find("name=\"rows\" value=\"")? + "name=\"rows\" value=\"".len();
    Some(page[from..][..page[from..].find('"')?].replace("&quot;", "\""))
}

#[actix_web::test]
async fn good_rows_are_taken_refused_ones_come_back_marked_and_the_principal_signs() {
    let school = School::open();
    let (class, office) = (school.map.class, school.sign_in("office1").await);
    let base = format!("/office/paper/{class}/2025-2");
    assert!(office.get("/office/paper").await.text.contains("2025—2026 学年"), "the terms before are listed");
    let template = office.get(&format!("{base}/template.xlsx")).await;
    let filled = qinghe::platform::workbook::read(&template.bytes).unwrap();
    assert_eq!(filled.rows[0].iter().map(|cell| cell.shown()).collect::<Vec<_>>(), HEADER);
    assert_eq!(filled.rows[1][1].shown(), "李沐阳");
    let file = sheet(
        &HEADER,
        &[
            vec!["1", "李沐阳", "优秀", "良好", "良", "", "合格", "热心班里的事。"],
            vec!["2", "陈𠮷䶮", "92", "良好", "好极了", "", "", ""],
            vec!["", "没有他", "优秀", "", "", "", "", ""],
            vec!["3", "关雪晴", "", "", "", "", "", ""],
        ],
    );
    let tried = office.upload(&base, "补录.xlsx", &file, &[]).await;
    for word in ["1 行可以收，3 行要改", "这里是分数", "“好极了”认不出", "不在这个班", "都空着", "没收的行.xlsx"]
    {
        assert!(tried.text.contains(word), "{word}: {}", tried.text);
    }
    assert_eq!(school.count("paper_term"), 0, "a dry run keeps nothing");
    let rows = rows_of(&tried.text).unwrap();
    let taken = office.post(&format!("{base}/take"), &[("rows", rows.as_str())]).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    let again = office.post(&format!("{base}/take"), &[("rows", rows.as_str())]).await;
    assert!(again.status == 409 && again.text.contains("没有要收的"), "{}", again.text);
    assert!(office.get(&base).await.text.contains("热心班里的事。"));
    let (principal, seal) = (school.sign_in("principal1").await, format!("/principal/paper/{class}/2025-2"));
    assert!(principal.get("/principal/paper").await.text.contains("签字归档"));
    let sealed = principal.post(&seal, &[]).await;
    assert_eq!(sealed.location, "/principal/paper?just=1", "{}", sealed.text);
    let twice = principal.post(&seal, &[]).await;
    assert!(twice.status == 409 && twice.text.contains("没有等签字的补录"), "{}", twice.text);
    let late = office.post(&format!("{base}/take"), &[("rows", rows.as_str())]).await;
    assert!(late.status == 409 && late.text.contains("已经归档"), "{}", late.text);
    let files = sealed_files::<TermFile>(&school, "term").await;
    let file = &files[0].0;
    assert_eq!((files.len(), file.origin, file.student.id), (1, Origin::Paper, school.map.li));
    let words: Vec<&str> = file.domains.iter().map(|entry| file.scheme.word(entry.band)).collect();
    assert_eq!(words, ["优秀", "良好", "良好", "无记录", "合格"]);
    assert_eq!((file.domains[0].code, file.comment.as_ref().unwrap().text.as_str()), (Domain::Moral, "热心班里的事。"));
    let versions = school.sign_in("li-parent").await.get(&format!("/child/{}/versions", school.map.li)).await.text;
    assert!(versions.contains("补录"), "{versions}");
}

#[actix_web::test]
async fn only_terms_before_the_platform_come_from_paper() {
    let school = School::open();
    let (class, office) = (school.map.class, school.sign_in("office1").await);
    let own = format!("/office/paper/{class}/{TERM}");
    assert_eq!(office.get(&own).await.status, 404, "the present term is the platform's own");
    let row = format!(r#"[{{"student":"{}","bands":["good",null,null,null,null],"comment":""}}]"#, school.map.li);
    let post = |path: String| {
        let (office, row) = (&office, row.clone());
        async move { office.post(&path, &[("rows", row.as_str())]).await }
    };
    assert_ne!(post(format!("{own}/take")).await.status, 303);
    let before = format!("/office/paper/{class}/2024-2/take");
    assert_ne!(post(before).await.status, 303, "nobody was at junior high then");
    assert_eq!(school.count("paper_term"), 0);
    // Another class's pupil is not found; a file that is none is told so.
    let of = format!("/office/paper/{}/2025-2/take", school.map.other_class);
    assert_eq!(post(of).await.status, 404);
    let base = format!("/office/paper/{class}/2025-2");
    let none = office.upload(&base, "x.xlsx", &sheet(&["随便", "什么"], &[vec!["a", "b"]]), &[]).await;
    assert!(none.status == 422 && none.text.contains("找不到表头"), "{}", none.text);
    let nothing = school.sign_in("principal1").await.post(&format!("/principal/paper/{class}/2025-2"), &[]).await;
    assert!(nothing.status == 409 && nothing.text.contains("没有等签字的补录"), "{}", nothing.text);
    assert_eq!(post(format!("{base}/take")).await.status, 303);
    let run = |sql: &str| {
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql.to_owned()).execute(c)).map_err(|e| e.to_string())
    };
    assert!(run("UPDATE paper_term SET comment = 'x'").is_err() && run("DELETE FROM paper_term").is_err());
    let moved = run(
        "INSERT INTO paper_term SELECT school_id, student_id, 20261, 1, class_id, moral, academic, physical, aesthetic, labour, comment, account_id, at FROM paper_term",
    );
    assert_eq!(moved.unwrap(), 1);
    let file = match school.raw() {
        qinghe::platform::db::Conn::Sqlite(_) => "x'7b7d'",
        qinghe::platform::db::Conn::Postgres(_) => "'\\x7b7d'::bytea",
    };
    run(&format!("INSERT INTO sealed_file (school_id, sha256, bytes) VALUES (1, 'x', {file})")).unwrap();
    let seal = |term: i32| {
        run(&format!(
            "INSERT INTO seal (school_id, student_id, term, part, version, class_id, sha256, account_id, at) \
             SELECT school_id, student_id, term, 'term', 1, class_id, 'x', account_id, at FROM paper_term WHERE term = {term}"
        ))
    };
    let refused = seal(20261).unwrap_err();
    assert!(refused.contains("the class is not reviewed"), "paper opens no way round the stages: {refused}");
    assert_eq!(seal(20252).unwrap(), 1);
}
