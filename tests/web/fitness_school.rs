//! The workbook of a whole school in, the file of the national upload out, and what a
//! workbook may have wrong.
use crate::fitness::{chen, desk, header, li, try_file};
use crate::roster::sheet;
use crate::support::{School, pupil};
use qinghe::names::Sex;
use qinghe::platform::workbook::{Cell, read};

const DESK: &str = "/office/fitness";

fn zhao<'a>() -> Vec<&'a str> {
    let mut row = chen("170", "3'40\"");
    (row[0], row[1], row[2]) = ("八年级(2)班", "1", "赵清如");
    row
}

#[actix_web::test]
async fn the_office_brings_several_classes_in_one_file_and_takes_them_in_one_act() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let mut nowhere = li("228");
    (nowhere[0], nowhere[2]) = ("九年级(5)班", "王小明");
    let mut bare = chen("181", "3'26\"");
    bare[0] = "1";
    let rows = [li("3'48\""), zhao(), nowhere, bare];
    let tried = office.upload(DESK, "全校体测.xlsx", &sheet(&header(), &rows), &[("sitting", "first")]).await;
    for said in [
        r#"<dd class="num">2<small>行可以收"#,
        r#"<dd class="num">2<small>行</small></dd><dd class="sm">不影响"#,
        "本校本学年没有这个班",
        "八年级(2)班 赵清如",
        "八年级(1)班 关雪晴",
    ] {
        assert!(tried.text.contains(said), "{said}: {}", tried.text);
    }
    assert_eq!(school.count("fitness_test"), 0, "a dry run takes nothing");
    let token = tried.hidden("token").unwrap().to_owned();
    let other = school.sign_in("office2").await;
    assert_eq!(other.post("/office/fitness/take", &[("token", &token)]).await.status, 409, "another school's");
    let pe = school.sign_in("peng").await;
    assert_eq!(pe.post(&format!("{}/take", desk(&school)), &[("token", &token)]).await.status, 409, "not a class's");
    let taken = office.post("/office/fitness/take", &[("token", &token)]).await;
    assert_eq!(taken.location, "/office/fitness?taken=2", "{}", taken.text);
    assert_eq!(office.post("/office/fitness/take", &[("token", &token)]).await.status, 409, "taken once");
    assert_eq!(school.count("journal WHERE verb = 'school_fitness_taken'"), 1);
    assert_eq!(school.count("fitness_test"), 2);
    let page = office.get(DESK).await.text;
    assert!(page.contains("八年级(1)班</th><td class=\"num\">3</td><td class=\"num\">1</td>"), "{page}");
    assert!(page.contains("八年级(2)班</th><td class=\"num\">1</td><td class=\"num\">1</td>"), "{page}");
    let again = office.upload(DESK, "全校体测.xlsx", &sheet(&header(), &rows[..2]), &[]).await;
    assert!(again.hidden("token").is_none() && again.text.contains("和库里一样"), "{}", again.text);

    let classless: Vec<&str> = header()[1..].to_vec();
    let refused = office.upload(DESK, "体测.xlsx", &sheet(&classless, &[li("228")[1..].to_vec()]), &[]).await;
    assert!(refused.status == 422 && refused.text.contains("没有“班级名称”这一列"), "{}", refused.text);
}

#[actix_web::test]
async fn the_national_upload_has_every_pupil_in_its_layout_and_is_journalled() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let rows = [li("3'48\"")];
    let tried = office.upload(DESK, "体测.xlsx", &sheet(&header(), &rows), &[]).await;
    let token = tried.hidden("token").unwrap().to_owned();
    office.post("/office/fitness/take", &[("token", &token)]).await;
    let exempt = sheet(&["班级名称", "姓名", "身高", "体重", "免测"], &[vec!["八年级(1)班", "关雪晴", "", "", "是"]]);
    let tried = office.upload(DESK, "体测.xlsx", &exempt, &[]).await;
    let token = tried.hidden("token").unwrap().to_owned();
    office.post("/office/fitness/take", &[("token", &token)]).await;

    let file = office.post("/office/fitness/upload.xlsx", &[]).await;
    assert_eq!(file.status, 200, "{}", file.text);
    let lines: Vec<Vec<String>> =
        read(&file.bytes).unwrap().rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
    let seed: Vec<Vec<String>> = include_str!("../../seed/fitness-columns.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>())
        .filter(|row| !row[3].is_empty())
        .collect();
    let titles: Vec<&String> = seed.iter().map(|row| &row[1]).collect();
    assert_eq!(lines[0].iter().collect::<Vec<_>>(), titles);
    let of = |name: &str| lines.iter().find(|line| line.contains(&name.to_owned())).unwrap_or_else(|| panic!("{name}"));
    let cell = |name: &str, title: &str| of(name)[lines[0].iter().position(|t| t == title).unwrap()].clone();
    let number = pupil("李沐阳", 1, 1, Sex::Male).number;
    for (title, value) in [
        ("年级编号", "22"),
        ("班级编号", "2201"),
        ("班级名称", "八年级(1)班"),
        ("学籍号", number.as_str()),
        ("民族代码", "01"),
        ("性别", "1"),
        ("出生日期", "2013-03-05"),
        ("身高", "165"),
        ("50米跑", "7.5"),
        ("1000米跑", "3'48\""),
        ("800米跑", ""),
        ("标准分", "100.0"),
        ("总评等级", "优秀"),
    ] {
        assert_eq!(cell("李沐阳", title), value, "{title}");
    }
    assert_eq!(
        (cell("关雪晴", "免测"), cell("关雪晴", "标准分"), cell("关雪晴", "总评等级")),
        ("是".into(), "".into(), "免测".into())
    );
    assert_eq!(
        (cell("陈𠮷䶮", "身高"), cell("陈𠮷䶮", "总评等级")),
        (String::new(), String::new()),
        "无记录, never zero"
    );
    assert_eq!(lines.len(), 5, "the school's four pupils, and nobody of another school");
    assert_eq!(school.count("journal WHERE verb = 'fitness_exported'"), 1);
    assert_eq!(school.count(&format!("journal_detail WHERE detail LIKE '%{number}%' OR detail LIKE '%100.0%'")), 0);
    // What went out comes back in: the layout is read as it is written.
    let back = office.upload(DESK, "上报.xlsx", &file.bytes, &[]).await;
    assert!(back.text.contains("和库里一样"), "{}", back.text);
    for other in ["peng", "lin", "principal1", "county", "li-parent"] {
        let refused = school.sign_in(other).await.post("/office/fitness/upload.xlsx", &[]).await;
        assert_eq!(refused.status, 404, "{other}");
    }
}

#[actix_web::test]
async fn a_pupil_is_found_by_the_national_number_before_the_name() {
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let number = |name: &str, serial| pupil(name, 1, serial, Sex::Male).number;
    let mine = number("李沐阳", 1);
    let header = ["学籍号", "姓名", "身高"];
    // Small letters, blanks and full-width digits are the same number.
    let typed = mine.to_lowercase().replace("210", " ２１０ ");
    let tried = try_file(&school, &pe, &sheet(&header, &[vec![&typed, "李 沐阳", "165"]]), "first").await;
    assert!(tried.text.contains(r#"<dd class="num">1<small>行可以收"#), "{}", tried.text);
    let wrong = try_file(&school, &pe, &sheet(&header, &[vec![&mine, "关雪晴", "150"]]), "first").await;
    assert!(wrong.text.contains("这个学籍号是李沐阳的") && wrong.hidden("token").is_none(), "{}", wrong.text);
    assert!(!wrong.text.contains(&mine), "the number is not shown again");
    // A number that the class does not have: then the name says who it is.
    let unknown =
        try_file(&school, &pe, &sheet(&header, &[vec!["G210421200001010017", "李沐阳", "165"]]), "first").await;
    assert!(unknown.text.contains(r#"<dd class="num">1<small>行可以收"#), "{}", unknown.text);
}

#[actix_web::test]
async fn two_header_rows_hidden_columns_and_formula_errors_are_told_cell_by_cell() {
    use rust_xlsxwriter::{Format, Formula, Workbook};
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    // 姓名 merged over two rows; the items stand in the second.
    page.merge_range(0, 0, 1, 0, "姓名", &Format::new()).unwrap();
    page.merge_range(0, 1, 0, 3, "测试项目", &Format::new()).unwrap();
    for (column, title) in ["身高", "体重", "立定跳远"].iter().enumerate() {
        page.write_string(1, column as u16 + 1, *title).unwrap();
    }
    page.set_column_hidden(2).unwrap();
    page.write_string(2, 0, "李沐阳").unwrap();
    page.write_formula(2, 1, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    page.write_number(2, 2, 52.0).unwrap();
    page.write_string(3, 0, "关雪晴").unwrap();
    page.write_string(3, 1, "一米六").unwrap();
    page.write_number(3, 2, 0.0).unwrap();
    page.write_number(3, 3, 17.0).unwrap();
    page.write_string(4, 0, "陈𠮷䶮").unwrap();
    page.write_number(4, 1, 158.0).unwrap();
    page.write_number(4, 2, 48.0).unwrap();
    let tried = try_file(&school, &pe, &book.save_to_buffer().unwrap(), "first").await;
    assert!(tried.text.contains(r#"<dd class="num">1<small>行可以收"#), "{}", tried.text);
    for said in [
        r#"<span>#DIV/0!</span></td><td class="fix" data-l="怎么改">"#,
        "公式",
        "<span>一米六</span>",
        "认不出",
        "不可能：体重",
        "不可能：立定跳远",
        r#"data-l="列">立定跳远"#,
        "<td class=\"num pc\">3</td>",
        "<td class=\"num pc\">4</td>",
    ] {
        assert!(tried.text.contains(said), "{said}: {}", tried.text);
    }
    assert_eq!(school.count("fitness_test"), 0, "nothing half done");
    // A boy with sit-ups.
    let header = ["姓名", "身高", "一分钟仰卧起坐"];
    let boy = try_file(&school, &pe, &sheet(&header, &[vec!["李沐阳", "165", "40"]]), "first").await;
    assert!(boy.text.contains("一分钟仰卧起坐只有女生测，李沐阳是男生"), "{}", boy.text);
}
