//! The roster as a school brings it, the classes it makes, and the slips that go home.
use crate::support::{Person, School};
use rust_xlsxwriter::Workbook;

const HEADER: [&str; 8] = ["班号", "学籍号", "姓名", "性别", "出生日期", "入学年月", "班内学号", "家庭住址"];
/// Two numbers with right check digits: a girl and a boy, born 2013-02-28 and 2013-05-06.
pub const GIRL: &str = "G210421201302280026";
const BOY: &str = "G210421201305060016";

fn with_check_digit(body: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize])
}

fn number(of: &str) -> String {
    format!("G{}", with_check_digit(&of[1..18]))
}

pub fn sheet(header: &[&str], rows: &[Vec<&str>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, title) in header.iter().enumerate() {
        page.write_string(0, column as u16, *title).unwrap();
    }
    for (line, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            page.write_string(line as u32 + 1, column as u16, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Sends a file as the office's page would.
pub async fn bring(office: &Person<'_>, name: &str, bytes: &[u8]) -> crate::support::Answer {
    office.drop_file("/office/roster", name, bytes).await
}

fn good_rows<'a>(girl: &'a str, boy: &'a str) -> Vec<Vec<&'a str>> {
    vec![
        vec!["八年级(1)班", girl, "佟雪", "女", "2013.2.28", "202509", "11", "不该存的住址"],
        vec![],
        vec!["八年级(1)班", boy, "金 哲", "1", "2013年5月6日", "2025.09", "12", "不该存的住址"],
    ]
}

#[actix_web::test]
async fn a_roster_is_tried_then_taken_and_the_same_file_twice_changes_nothing() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (girl, boy) = (number(GIRL), number(BOY));
    let file = sheet(&HEADER, &good_rows(&girl, &boy));

    let tried = bring(&office, "名单.xlsx", &file).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    assert!(tried.text.contains(r#"<dd class="num">2<small>行可以收"#), "{}", tried.text);
    assert!(tried.text.contains("另外 1 列不读也不存"));
    let before = school.sign_in("lin").await.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(!before.contains("佟雪"), "a dry run takes nothing");

    let token = tried.hidden("token").unwrap().to_owned();
    let taken = office.post("/office/roster/take", &[("token", &token)]).await;
    assert_eq!(taken.location, "/office/roster?taken=2&changed=0");
    let grid = school.sign_in("lin").await.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(grid.contains("佟雪") && grid.contains("金哲"));

    let again = bring(&office, "名单.xlsx", &file).await;
    assert!(again.text.contains(r#"<dd class="num">0<small>行可以收"#), "{}", again.text);
    assert!(again.hidden("token").is_none());
    assert_eq!(office.post("/office/roster/take", &[("token", &token)]).await.status, 409, "taken once");
}

#[actix_web::test]
async fn what_is_not_needed_is_stored_nowhere_and_numbers_only_sealed() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (girl, boy) = (number(GIRL), number(BOY));
    let tried = bring(&office, "名单.xlsx", &sheet(&HEADER, &good_rows(&girl, &boy))).await;
    let token = tried.hidden("token").unwrap().to_owned();
    let look = || {
        use qinghe::platform::db::Address;
        match &school.address {
            Address::Sqlite(path) => {
                let mut bytes = std::fs::read(path).unwrap();
                bytes.extend(std::fs::read(format!("{}-wal", path.display())).unwrap_or_default());
                bytes
            }
            Address::Postgres(url) => {
                std::process::Command::new("pg_dump").arg(url).arg("--enable-row-security").output().unwrap().stdout
            }
        }
    };
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    for when in ["waiting", "taken"] {
        let bytes = look();
        assert!(bytes.len() > 10_000);
        for secret in ["不该存的住址", &girl, &girl[1..], &boy[1..]] {
            assert!(!holds(&bytes, secret), "{secret} while {when}");
        }
        if when == "waiting" {
            assert!(!holds(&bytes, "佟雪"), "even names wait sealed");
            office.post("/office/roster/take", &[("token", &token)]).await;
        }
    }
    assert!(holds(&look(), "佟雪"));
}

#[actix_web::test]
async fn each_bad_row_says_what_is_wrong_and_how_to_mend_it_and_good_ones_are_taken() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (girl, boy) = (number(GIRL), number(BOY));
    let li = {
        // 李沐阳 of the small county, who sits in 八年级(1)班 already.
        let born = chrono::NaiveDate::from_ymd_opt(2013, 3, 5).unwrap();
        format!("G{}", with_check_digit(&format!("210421{}003", born.format("%Y%m%d"))))
    };
    let wrong_digit = format!("{}{}", &girl[..18], if girl.ends_with('0') { '1' } else { '0' });
    let rows: Vec<(Vec<&str>, &str)> = vec![
        (vec!["八年级(1)班", &boy, "好的", "男", "2013-05-06", "202509", "40", ""], ""),
        (vec!["八年级(1)班", &girl, "日期不在", "女", "2013.2.31", "202509", "41", ""], "这一天不存在"),
        (vec!["八年级(1)班", &wrong_digit, "校验不对", "女", "2013-02-28", "202509", "42", ""], "校验码对不上"),
        (vec!["八年级(1)班", "2.10421E+17", "被吃掉了", "女", "2013-02-28", "202509", "43", ""], "后几位已经丢了"),
        (vec!["8-1班", &girl, "哪个班", "女", "2013-02-28", "", "44", ""], "认不出是哪个班"),
        (vec!["八年级(9)班", &girl, "没有的班", "女", "2013-02-28", "202509", "45", ""], "本校还没有这个班"),
        (vec!["八年级(1)班", &girl, "性别不对", "男", "2013-02-28", "202509", "46", ""], "和身份证号里的（女）不一样"),
        (vec!["八年级(1)班", &girl, "", "女", "2013-02-28", "202509", "47", ""], "没有姓名"),
        (vec!["八年级(2)班", &li, "李沐阳", "男", "2013-03-05", "202509", "1", ""], "班里已经有人"),
        (vec!["八年级(1)班", &girl, "占了座", "女", "2013-02-28", "202509", "1", ""], "班里已经有人"),
        (vec!["八年级(1)班", "X12", "什么号", "女", "2013-02-28", "202509", "49", ""], "应以 G、J 或 L 开头"),
        (vec!["八年级(1)班", &girl, "M", "M", "2013-02-28", "202509", "50", ""], "只认“男”“女”"),
    ];
    for (row, said) in &rows {
        let answer = bring(&office, "名单.xlsx", &sheet(&HEADER, std::slice::from_ref(row))).await;
        assert_eq!(answer.status, 200);
        let refused = answer.text.contains("要改</span>");
        assert_eq!(refused, !said.is_empty(), "{row:?}: {}", answer.text);
        assert!(answer.text.contains(said), "{row:?} should say {said}");
        if refused {
            assert!(answer.text.contains("下载没收的行"));
        }
    }
    let several: Vec<Vec<&str>> = vec![rows[0].0.clone(), rows[1].0.clone()];
    let answer = bring(&office, "名单.xlsx", &sheet(&HEADER, &several)).await;
    let token = answer.hidden("token").unwrap().to_owned();
    assert_eq!(
        office.post("/office/roster/take", &[("token", &token)]).await.location,
        "/office/roster?taken=1&changed=0"
    );
}

#[actix_web::test]
async fn two_rows_with_one_number_or_one_seat_are_told_of_each_other() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (girl, boy) = (number(GIRL), number(BOY));
    let twins = vec![
        vec!["八年级(1)班", &girl, "佟雪", "女", "2013-02-28", "202509", "11", ""],
        vec!["八年级(1)班", &girl, "佟雪", "女", "2013-02-28", "202509", "12", ""],
        vec!["八年级(2)班", &boy, "金哲", "男", "2013-05-06", "202509", "12", ""],
    ];
    let answer = bring(&office, "名单.xlsx", &sheet(&HEADER, &twins)).await;
    assert!(answer.text.contains("和第 3 行的佟雪是同一个学籍号"), "{}", answer.text);
    assert!(answer.text.contains("和第 2 行的佟雪是同一个学籍号"));
    assert!(answer.text.contains(r#"<dd class="num">1<small>行可以收"#));
}

#[actix_web::test]
async fn the_refused_rows_come_back_as_a_workbook_with_the_reasons() {
    use base64::Engine;
    let school = School::open();
    let office = school.sign_in("office1").await;
    let row = vec!["八年级(1)班", "X12", "什么号", "女", "2013-02-28", "202509", "49", "住址"];
    let answer = bring(&office, "名单.xlsx", &sheet(&HEADER, &[row])).await;
    let from = answer.text.find("sheet;base64,").unwrap() + 13;
    let data = &answer.text[from..from + answer.text[from..].find('"').unwrap()];
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    let back = qinghe::platform::workbook::read(&bytes).unwrap();
    let text: Vec<Vec<String>> = back.rows.iter().map(|row| row.iter().map(|c| c.shown()).collect()).collect();
    assert_eq!(text[0][..4], ["为什么没收，怎么改", "行号", "班号", "学籍号"]);
    assert!(text[1][0].contains("应以 G、J 或 L 开头"));
    assert_eq!(text[1][2..5], ["八年级(1)班", "X12", "什么号"]);
}

#[actix_web::test]
async fn a_file_that_is_no_roster_is_refused_with_what_to_do() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let wide = vec!["列"; 200].join(",") + "\n" + &vec!["1"; 200].join(",");
    let no_class = sheet(&["姓名", "性别", "出生日期", "学籍号"], &[vec!["佟雪", "女", "2013-02-28", GIRL]]);
    let twice = sheet(&["姓名", "学生姓名", "性别", "班号", "学籍号"], &[vec!["佟雪"]]);
    let files: [(&str, &[u8], &str); 8] = [
        ("图片.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00", "不是工作簿"),
        ("空.xlsx", b"", "“空.xlsx”里什么也没有"),
        ("", b"", "还没有选文件"),
        ("宽.csv", wide.as_bytes(), "200 列"),
        ("没表头.csv", "甲,乙\n1,2\n".as_bytes(), "找不到表头"),
        ("缺列.xlsx", &no_class, "没有“班号”这一列"),
        ("重列.xlsx", &twice, "出现了两次"),
        ("坏.xlsx", b"PK\x03\x04broken", "不是工作簿"),
    ];
    for (name, bytes, said) in files {
        let answer = bring(&office, name, bytes).await;
        assert_eq!(answer.status, 422, "{name}");
        assert!(answer.text.contains(said), "{name}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_csv_with_codes_and_aliases_in_another_order_is_read_too() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let boy = number(BOY);
    let text = format!(
        "石泉镇九年一贯制学校,,,,\n\n学生姓名,性别,生日,班级,年级名称,身份证号,学号,民族,家长姓名,成员1关系,家长电话\n金哲,1,20130506,1,八年级,{},12,11,金大山,51,138 0000 1111\n",
        &boy[1..]
    );
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    let answer = bring(&office, "名单.csv", &gbk).await;
    assert!(answer.text.contains(r#"<dd class="num">1<small>行可以收"#), "{}", answer.text);
}

#[actix_web::test]
async fn the_office_makes_the_classes_a_roster_names_and_gives_one_a_teacher() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let girl = number(GIRL);
    let row = vec!["七年级(3)班", &girl, "佟雪", "女", "2013-02-28", "202609", "1", ""];
    let file = sheet(&HEADER, &[row]);
    let answer = bring(&office, "名单.xlsx", &file).await;
    assert!(answer.text.contains("七年级(3)班。建好后再导一次"), "{}", answer.text);
    let classes = answer.hidden("classes").unwrap().to_owned();
    assert_eq!(office.post("/office/classes/missing", &[("classes", &classes)]).await.status, 303);
    assert!(bring(&office, "名单.xlsx", &file).await.hidden("token").is_some());

    let page = office.get("/office/classes").await.text;
    assert!(page.contains("七年级(3)班"));
    let at = page.find("/office/classes/").unwrap() + 16;
    let class = &page[at..at + 32];
    let appointed =
        office.post(&format!("/office/classes/{class}/homeroom"), &[("login", "sun"), ("name", "孙丽华")]).await;
    assert!(appointed.text.contains("/welcome/"), "{}", appointed.text);
    let known = office.post(&format!("/office/classes/{class}/homeroom"), &[("login", "fang"), ("name", "")]).await;
    assert!(known.text.contains("方晓（fang）") && !known.text.contains("/welcome/"));
    let stranger =
        office.post(&format!("/office/classes/{class}/homeroom"), &[("login", "lin2"), ("name", "林")]).await;
    assert_eq!(stranger.status, 422, "an account of another school is not taken over");
    assert_eq!(office.post("/office/staff/link", &[("login", "lin2")]).await.status, 404);
    assert_eq!(office.post("/office/staff/link", &[("login", "lin")]).await.status, 200);
}

#[actix_web::test]
async fn a_guardian_binds_a_child_with_a_slip_once() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let slips = lin.post(&format!("/class/{}/slips", school.map.class), &[]).await;
    assert!(slips.text.contains("关雪晴"), "{}", slips.text);
    let at = slips.text.find(r#"<p class="code">"#).unwrap() + 16;
    let code = slips.text[at..at + 9].to_owned();
    let grandpa = school.visitor();

    assert_eq!(
        grandpa.submit("/join", &[("code", &code.to_lowercase())]).await.location,
        format!("/join/{}", code.replace('-', "").to_lowercase())
    );
    let page = grandpa.get(&format!("/join/{code}")).await;
    assert!(page.text.contains("关＊＊") && !page.text.contains("关雪晴"));
    let form = |consent: bool| {
        let mut form = vec![
            ("name", "关大山"),
            ("relation", "祖父"),
            ("login", "13800001111"),
            ("password", "灶台边趴着三只猫"),
            ("again", "灶台边趴着三只猫"),
        ];
        if consent {
            form.push(("consent", "yes"));
        }
        form
    };
    assert_eq!(grandpa.submit(&format!("/join/{code}"), &form(false)).await.status, 422, "consent is asked");
    let joined = grandpa.submit(&format!("/join/{code}"), &form(true)).await;
    assert_eq!(joined.location, format!("/child/{}?joined=1", school.map.guan), "{}", joined.text);
    assert_eq!(grandpa.get(&joined.location).await.status, 200);
    assert_eq!(school.visitor().get(&format!("/join/{code}")).await.status, 404, "used once");
    assert_eq!(grandpa.get(&format!("/child/{}", school.map.li)).await.status, 404, "no other child");
}

#[actix_web::test]
async fn the_board_says_who_is_waited_for_in_class_order() {
    let school = School::open();
    let (office, principal) = (school.sign_in("office1").await, school.sign_in("principal1").await);
    let board = office.get("/office").await.text;
    let (first, second) = (board.find("八(1)班").unwrap(), board.find("八(2)班").unwrap());
    assert!(first < second);
    assert!(board.contains("等班主任，3 人没填完"), "{board}");
    let lin = school.sign_in("lin").await;
    crate::evaluation::fill(&school, &lin).await;
    assert!(principal.get("/principal").await.text.contains("填完了，等班主任签字"));
    crate::evaluation::sign(&school, &lin).await;
    assert!(office.get("/office").await.text.contains("等教务核对，开始公示"));
    let county = school.sign_in("county").await.get("/county").await.text;
    assert!(county.contains("1 / 2 个班") && !county.contains("李沐阳"), "{county}");
}

/// A pupil of the small county, by the serial it was made with.
fn number_of_the_small_county(serial: u32, odd: u32) -> String {
    format!("G{}", with_check_digit(&format!("21042120130305{:03}", serial * 2 + odd)))
}

#[actix_web::test]
async fn a_pupil_of_another_school_is_not_taken_over() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let yu = number_of_the_small_county(5, 1);
    let row = vec!["八年级(1)班", yu.as_str(), "于海洋", "男", "2013-03-05", "202509", "30", ""];
    let answer = bring(&office, "名单.xlsx", &sheet(&HEADER, &[row])).await;
    assert!(answer.text.contains("要改</span>") && answer.hidden("token").is_none(), "{}", answer.text);
    assert!(
        answer.text.contains("外校") || answer.text.contains("别的学校") || answer.text.contains("另一所学校"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("柳河乡"), "which school it is, is not told");
}

#[actix_web::test]
async fn the_command_line_takes_a_roster_by_the_same_rules() {
    let school = School::open();
    let place = crate::place::Place::of(&school);
    let (girl, boy) = (number(GIRL), number(BOY));
    let mut rows = good_rows(&girl, &boy);
    let write = |name: &str, bytes: &[u8]| {
        let path = crate::support::scratch().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, report) = (write("good.xlsx", &sheet(&HEADER, &rows)), write("report.xlsx", b""));
    rows.push(vec!["八年级(1)班", "X12", "什么号", "女", "2013-02-28", "202509", "49", ""]);
    let mixed = write("mixed.xlsx", &sheet(&HEADER, &rows));
    let import =
        |file: &str, more: &[&str]| place.run(&[&["import", "roster", "--school", "3121042101", file], more].concat());

    let (code, said, _) = import(&mixed, &["--dry-run", "--report", &report]);
    assert!(code == 3 && said.contains("可以收 2 行") && said.contains("要改 1 行"), "{said}");
    let marked = qinghe::platform::workbook::read(&std::fs::read(&report).unwrap()).unwrap();
    assert!(marked.rows[1][0].shown().contains("应以 G、J 或 L 开头"));
    let (code, said, _) = import(&good, &[]);
    assert!(code == 0 && said.contains("收下 2 行"), "a dry run had taken something: {said}");
    let (code, said, _) = import(&good, &[]);
    assert!(code == 0 && said.contains("收下 0 行，没变化 2 行"), "{said}");
    assert!(!said.contains(&girl[1..]), "no number on the command line's own output: {said}");

    for (words, complaint) in [
        (["import", "roster", "--school", "9999999999", good.as_str()], "没有标识码为 9999999999 的学校"),
        (["import", "roster", "--school", "3121042101", "/no/such/file.xlsx"], "打不开"),
        (["import", "roster", "--school", "3121042101", write("bad.xlsx", b"\x89PNG\x00").as_str()], "不是工作簿"),
    ] {
        let (code, _, said) = place.run(&words);
        assert!(code == 2 && said.contains(complaint), "{words:?}: {code} {said}");
    }
}
