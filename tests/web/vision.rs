//! A screening of sight: the family sees it, the school only how many.
use crate::roster::sheet;
use crate::support::{Person, School, TERM};
use qinghe::roster::AdmitPupil;

fn desk(school: &School) -> String {
    format!("/class/{}/vision", school.map.class)
}

async fn write(
    school: &School,
    lin: &Person<'_>,
    eyes: &[(qinghe::names::StudentId, &str, &str)],
) -> crate::support::Answer {
    let form: Vec<(String, &str)> = eyes
        .iter()
        .flat_map(|(student, left, right)| [(format!("left_{student}"), *left), (format!("right_{student}"), *right)])
        .collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    lin.post(&format!("/class/{}/{TERM}/vision", school.map.class), &form).await
}

#[actix_web::test]
async fn a_sheet_fills_the_form_the_form_is_stored_and_the_family_sees_the_change() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let rows = vec![vec!["李沐阳", "4.9", "0.8"], vec!["陈𠮷䶮", "5.1", "6.0"], vec!["不在册", "5.0", "5.0"]];
    let file = sheet(&["姓名", "左眼", "右眼"], &rows);
    let filled = lin.upload(&desk(&school), "视力.xlsx", &file, &[]).await;
    for said in ["还没有存", "不在这个班的名单里", "认不出。写五分记录", r#"value="4.9""#] {
        assert!(filled.text.contains(said), "{said}: {}", filled.text);
    }
    let child = format!("/child/{}/learning", school.map.li);
    assert!(!parent.get(&child).await.text.contains("左眼"), "filling in stores nothing");

    assert_eq!(
        write(&school, &lin, &[(school.map.li, "5.0", "5.0")]).await.location,
        format!("{}?saved=1", desk(&school))
    );
    // The term before, as the school's own table holds it.
    {
        use diesel::prelude::*;
        let before = "INSERT INTO vision_check (school_id, term, student_id, revision, left_eye, right_eye, account_id, at) \
            SELECT school_id, 20252, student_id, 1, 51, 50, account_id, at FROM vision_check";
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(before).execute(c)).unwrap();
    }
    assert_eq!(
        write(&school, &lin, &[(school.map.li, "4.9", "5.0")]).await.location,
        format!("{}?saved=1", desk(&school))
    );
    let seen = parent.get(&child).await.text;
    assert!(seen.contains("4.9") && seen.contains("左眼比上次低了 0.2。低于 5.0，建议带孩子到眼科复查一次"), "{seen}");
    let wrong = write(&school, &lin, &[(school.map.li, "好", "5.0")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("李沐阳的左眼“好”认不出"), "{}", wrong.text);
    assert_eq!(
        write(&school, &lin, &[(school.map.li, "4.9", "5.0")]).await.location,
        format!("{}?saved=0", desk(&school))
    );
}

#[actix_web::test]
async fn the_school_sees_how_many_and_only_where_there_are_many() {
    let school = School::open();
    let (lin, office) = (school.sign_in("lin").await, school.sign_in("office1").await);
    let three = [(school.map.li, "4.7", "5.0"), (school.map.chen, "4.7", "5.0"), (school.map.guan, "4.7", "5.0")];
    write(&school, &lin, &three).await;
    let few = office.get("/office/vision").await.text;
    assert!(few.contains("人数少，不显示") && few.contains("还没有筛查"), "{few}");

    let desk = school.operator().school_office("3121042101").await.unwrap();
    let mut more = Vec::new();
    for n in 0..9 {
        let pupil = crate::support::pupil(
            &format!("新生{}", char::from(b'A' + n)),
            20 + i32::from(n),
            60 + u32::from(n),
            qinghe::names::Sex::Male,
        );
        let act = AdmitPupil::new(&desk.house().keys, school.map.class, pupil);
        more.push(desk.act(move |_| Ok(act)).await.unwrap());
    }
    let fine: Vec<_> = more.iter().map(|student| (*student, "5.1", "5.0")).collect();
    write(&school, &lin, &fine).await;
    let many = office.get("/office/vision").await;
    // The form's token is a chance word that may have a "4.7" in it.
    let many = many.text.replace(many.hidden("csrf").unwrap(), "");
    assert!(many.contains(r#"<td class="num">12</td><td class="num">3</td>"#), "{many}");
    assert!(!many.contains("李沐阳") && !many.contains("4.7"), "{many}");
}
