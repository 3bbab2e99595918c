//! A roster brought again: what would change, pupil by pupil; taken back within the day;
//! the old workbooks and the many sheets schools have.
use crate::roster::{bring, sheet};
use crate::support::{School, TERM};
use diesel::prelude::*;
use qinghe::names::Cohort;
use qinghe::on;
use qinghe::roster::reading::read_roster;
use rust_xlsxwriter::Workbook;

const HEADER: [&str; 9] =
    ["班号", "学籍号", "姓名", "性别", "班内学号", "民族", "成员1姓名", "成员1关系", "成员1联系电话"];
const LI: &str = "G210421201303050035";
const NEW_ONE: &str = "G210421201302280085";

/// The number the small county gave its pupil with this serial.
fn number_of(serial: u32, odd: u32) -> String {
    let body = format!("21042120130305{:03}", serial * 2 + odd);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("G{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize])
}

fn new_number() -> String {
    let body = "21042120130228008";
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("G{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize])
}

#[actix_web::test]
async fn brought_again_it_says_what_would_change_takes_it_and_is_undone_within_the_day() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (li, chen, guan, new) = (number_of(1, 1), number_of(2, 0), number_of(3, 0), new_number());
    // Li and chen change seats, guan goes to the other class and is called otherwise, one is new.
    let rows = vec![
        vec!["八年级(1)班", &*li, "李沐阳", "男", "2", "满族", "李建国", "父亲", "13804130000"],
        vec!["八(1)班", &*chen, "陈𠮷䶮", "女", "1"],
        vec!["802", &*guan, "关晴", "女", "7"],
        vec!["八年级(1)班", &*new, "佟小雪", "女", "3"],
    ];
    let file = sheet(&HEADER, &rows);
    let before = school.count("movement") + school.count("enrolment");
    let tried = bring(&office, "名单.xlsx", &file).await;
    for said in ["班内学号", "汉族", "满族", "关雪晴", "关晴", "八年级(2)班", "李建国", "更新 3 人", "佟小雪"]
    {
        assert!(tried.text.contains(said), "{said}: {}", tried.text);
    }
    assert!(!tried.text.contains("13804130000"), "a telephone number is not shown");
    assert_eq!(school.count("movement") + school.count("enrolment"), before, "nothing happens before it is taken");
    let token = tried.hidden("token").unwrap().to_owned();
    let taken = office.post("/office/roster/take", &[("token", &token)]).await;
    assert_eq!(taken.location, "/office/roster?taken=1&changed=3", "{}", taken.text);
    let list = office.get(&format!("/office/classes/{}/list", school.map.class)).await.text;
    let at = |name: &str| list.find(name).unwrap_or_else(|| panic!("{name}: {list}"));
    assert!(at("陈𠮷䶮") < at("李沐阳") && at("李沐阳") < at("佟小雪") && !list.contains("关"));
    let guan_file = office.get(&format!("/office/pupils/{}", school.map.guan)).await.text;
    for said in ["转班", "更名", "按学籍名单更新", "关晴"] {
        assert!(guan_file.contains(said), "{said}: {guan_file}");
    }
    let again = bring(&office, "名单.xlsx", &file).await;
    assert!(again.hidden("token").is_none() && again.text.contains("和库里一样"), "{}", again.text);

    let page = office.get("/office/roster").await.text;
    let undo = &page[page.find("/undo\"").unwrap() - 47..];
    let undo = undo[undo.find("/office").unwrap()..undo.find('"').unwrap()].to_owned();
    assert_eq!(school.sign_in("office2").await.post(&undo, &[]).await.status, 404, "another school's");
    let undone = office.post(&undo, &[]).await;
    assert_eq!(undone.location, "/office/roster?undone=1", "{}", undone.text);
    assert_eq!(school.count("movement") + school.count("enrolment"), before, "as before");
    assert_eq!(school.count("student WHERE name IN ('关晴', '佟小雪')"), 0);
    assert_eq!(school.count("student WHERE name = '关雪晴' AND ethnic = '01'"), 1);
    assert_eq!(school.count("family_member"), 0);
    assert_eq!(school.count("journal WHERE verb = 'roster_undone'"), 1);
    assert!(office.post(&undo, &[]).await.text.contains("已经撤销了"));
    let grid = school.sign_in("lin").await.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(grid.find("李沐阳").unwrap() < grid.find("陈𠮷䶮").unwrap() && grid.contains("关雪晴"));
}

#[actix_web::test]
async fn what_somebody_has_built_on_is_not_undone_nor_another_days() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let new = new_number();
    let file = sheet(&HEADER, &[vec!["八年级(1)班", &new, "佟小雪", "女", "9"]]);
    let take = async |office: &crate::support::Person<'_>, file: &[u8]| {
        let tried = bring(office, "名单.xlsx", file).await;
        let token = tried.hidden("token").unwrap().to_owned();
        office.post("/office/roster/take", &[("token", &token)]).await;
        let page = office.get("/office/roster").await.text;
        let undo = &page[page.find("/undo\"").unwrap() - 47..];
        undo[undo.find("/office").unwrap()..undo.find('"').unwrap()].to_owned()
    };
    let undo = take(&office, &file).await;
    // Slips for the class are a trace of the new pupil.
    let lin = school.sign_in("lin").await;
    lin.post(&format!("/class/{}/slips", school.map.class), &[]).await;
    let before = school.count("student") + school.count("journal");
    let refused = office.post(&undo, &[]).await;
    assert!(refused.status == 422 && refused.text.contains("佟小雪"), "{}", refused.text);
    assert_eq!(school.count("student") + school.count("journal"), before, "nothing changed");
    // A movement after it stands in the way too.
    let later = sheet(&HEADER, &[vec!["八年级(1)班", &number_of(1, 1), "李沐阳", "男", "8"]]);
    school.clock.set("2027-01-04T10:00:00".parse().unwrap());
    let office = school.sign_in_now("office1").await;
    let second = take(&office, &later).await;
    assert!(office.post(&undo, &[]).await.text.contains("请先撤销后面那次"));
    school.clock.set("2027-01-05T09:00:00".parse().unwrap());
    let office = school.sign_in_now("office1").await;
    assert!(office.post(&second, &[]).await.text.contains("只在当天能撤销"));
    assert!(!office.get("/office/roster").await.text.contains("撤销这次导入"));
    let conn = &mut school.raw();
    let refused = on!(conn, c => diesel::sql_query("DELETE FROM movement").execute(c)).unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
}

#[actix_web::test]
async fn a_seat_taken_by_one_who_stays_is_refused_and_two_of_one_name_are_two() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (li, new) = (number_of(1, 1), new_number());
    let file = sheet(
        &HEADER,
        &[
            vec!["八年级(1)班", &li, "李沐阳", "男", "3"],
            vec!["八年级(1)班", &new, "关雪晴", "女", "9"],
            vec!["八年级(9)班", LI, "甲", "男", "1"],
            vec!["八年级(1)班", NEW_ONE, "乙", "女", "1"],
        ],
    );
    let tried = bring(&office, "名单.xlsx", &file).await;
    assert!(tried.text.contains("这个学号班里已经有人"), "{}", tried.text);
    let token = tried.hidden("token").unwrap().to_owned();
    assert_eq!(
        office.post("/office/roster/take", &[("token", &token)]).await.location,
        "/office/roster?taken=1&changed=0"
    );
    let found = office.get("/office/pupils?q=guanxueqing").await.text;
    assert_eq!(found.matches("关雪晴</a>").count(), 2, "{found}");
    let class = school.map.class.to_string();
    let wu = school.sign_in("wu").await;
    let form =
        |seat| [("class", &*class), ("name", "关雪晴"), ("term", TERM), ("reason", "同名也要分得清"), ("seat", seat)];
    assert!(wu.post("/case", &form("")).await.text.contains("不止一个"));
    assert!(wu.post("/case", &form("9")).await.location.starts_with("/case/"));
}

/// A workbook with one sheet a class; the last holds nothing of ours.
fn many_sheets() -> Vec<u8> {
    let mut book = Workbook::new();
    let number = new_number();
    for (name, class, number, pupil, seat) in
        [("八1班", "", number.as_str(), "佟小雪", "5"), ("第二张", "八（2）班", &number_of(40, 1), "金哲", "6")]
    {
        let page = book.add_worksheet().set_name(name).unwrap();
        let header: &[&str] = if class.is_empty() {
            &["姓名", "性别", "学籍号", "学号"]
        } else {
            &["学籍号", "姓名", "性别", "学号", "班级"]
        };
        for (at, title) in header.iter().enumerate() {
            page.write_string(0, at as u16, *title).unwrap();
            let cell = match *title {
                "姓名" => pupil,
                "性别" => {
                    if class.is_empty() {
                        "女"
                    } else {
                        "男"
                    }
                }
                "学籍号" => number,
                "学号" => seat,
                _ => class,
            };
            page.write_string(1, at as u16, cell).unwrap();
        }
    }
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "填表说明").unwrap();
    book.save_to_buffer().unwrap()
}

#[actix_web::test]
async fn several_sheets_are_one_roster_and_a_sheet_may_name_its_class() {
    let read = read_roster(&many_sheets(), "3121042101", 2026).unwrap_or_else(|why| panic!("{why}"));
    let classes: Vec<(i32, i32, &str)> =
        read.rows.iter().map(|row| (row.class.unwrap().cohort.0, row.class.unwrap().number, &*row.name)).collect();
    assert_eq!(classes, [(2025, 1, "佟小雪"), (2025, 2, "金哲")]);
    assert!(read.rows.iter().all(|row| row.pupil.is_some()), "{:?}", read.rows[1].faults);
    assert_eq!(read.passed, ["说明"]);
    let school = School::open();
    let tried = bring(&school.sign_in("office1").await, "名单.xlsx", &many_sheets()).await;
    assert!(tried.text.contains("收下 2 行") && tried.text.contains("“说明”里找不到名单的表头"), "{}", tried.text);
}

/// An old `.xls` as Excel 97 writes it: BIFF8 records in a stream of an OLE file.
fn old_workbook(rows: &[&[&str]]) -> Vec<u8> {
    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut record = kind.to_le_bytes().to_vec();
        record.extend((data.len() as u16).to_le_bytes());
        record.extend(data);
        record
    }
    fn wide(text: &str, length_bytes: usize) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = (units.len() as u16).to_le_bytes()[..length_bytes].to_vec();
        bytes.push(1);
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    }
    let begin = |kind: u16| [0x0600u16, kind, 0x0dbb, 0x07cc, 0, 0, 6, 0].map(u16::to_le_bytes).concat();
    let bound = |at: u32| {
        let mut data = at.to_le_bytes().to_vec();
        data.extend([0, 0]);
        data.extend(wide("名单", 1));
        record(0x0085, &data)
    };
    let head = [record(0x0809, &begin(5)), record(0x0042, &1200u16.to_le_bytes())].concat();
    let end = record(0x000a, &[]);
    let sheet_at = (head.len() + bound(0).len() + end.len()) as u32;
    let mut stream = [head, bound(sheet_at), end.clone(), record(0x0809, &begin(0x10))].concat();
    let mut dimensions = [0u32, rows.len() as u32].map(u32::to_le_bytes).concat();
    dimensions.extend([0u16, rows[0].len() as u16, 0].map(u16::to_le_bytes).concat());
    stream.extend(record(0x0200, &dimensions));
    for (line, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let mut data = [line as u16, column as u16, 0].map(u16::to_le_bytes).concat();
            data.extend(wide(cell, 2));
            stream.extend(record(0x0204, &data));
        }
    }
    stream.extend(end);
    let size = stream.len().max(4096).next_multiple_of(512);
    stream.resize(size, 0);
    let sectors = size / 512;
    // Header, then sector 0: the table of sectors; sector 1: the directory; then the stream.
    let mut file = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    file.extend([0; 16]);
    file.extend([0x3eu16, 3, 0xfffe, 9, 6].map(u16::to_le_bytes).concat());
    file.extend([0; 6]);
    file.extend([0u32, 1, 1, 0, 4096, 0xffff_fffe, 0, 0xffff_fffe, 0, 0].map(u32::to_le_bytes).concat());
    file.resize(512, 0xff);
    let mut table = vec![0xffff_fffdu32, 0xffff_fffe];
    table.extend((0..sectors).map(|n| if n + 1 == sectors { 0xffff_fffe } else { n as u32 + 3 }));
    table.resize(128, 0xffff_ffff);
    file.extend(table.iter().flat_map(|next| next.to_le_bytes()));
    let entry = |name: &str, kind: u8, child: u32, start: u32, size: u32| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = if name.is_empty() { 0 } else { entry.len() as u16 + 2 };
        entry.resize(64, 0);
        entry.extend(length.to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend([0xffff_ffffu32, 0xffff_ffff, child].map(u32::to_le_bytes).concat());
        entry.extend([0; 36]);
        entry.extend([start, size, 0].map(u32::to_le_bytes).concat());
        entry
    };
    file.extend(entry("Root Entry", 5, 1, 0xffff_fffe, 0));
    file.extend(entry("Workbook", 2, 0xffff_ffff, 2, size as u32));
    file.extend(entry("", 0, 0xffff_ffff, 0, 0));
    file.extend(entry("", 0, 0xffff_ffff, 0, 0));
    file.extend(stream);
    file
}

#[actix_web::test]
async fn an_old_xls_is_read_and_a_broken_one_says_so() {
    let number = new_number();
    let rows: [&[&str]; 2] =
        [&["姓名", "性别", "班级", "学籍号", "学号"], &["佟小雪", "女", "八年级(1)班", &number, "5"]];
    let file = old_workbook(&rows);
    let school = School::open();
    let office = school.sign_in("office1").await;
    let tried = bring(&office, "名单.xls", &file).await;
    assert!(tried.text.contains("收下 1 行") && tried.text.contains("佟小雪"), "{}", tried.text);
    let broken = bring(&office, "名单.xls", &file[..700]).await;
    assert!(broken.status == 422 && broken.text.contains("另存为"), "{}", broken.text);
}

#[actix_web::test]
async fn the_template_offers_choices_and_comes_back_as_a_roster() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let template = office.get("/office/roster/template.xlsx").await;
    let empty = read_roster(&template.bytes, "3121042101", 2026);
    assert!(empty.err().unwrap().to_string().contains("表头下面没有学生"));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(template.bytes.clone())).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_name(name).unwrap(), &mut text).unwrap();
        text
    };
    let page = part("xl/worksheets/sheet1.xml");
    assert!(page.matches("<dataValidation ").count() >= 9, "{page}");
    assert!(part("xl/comments1.xml").contains("后几位会丢"));
    assert!(part("xl/sharedStrings.xml").contains("八年级(2)班"));
    let classes = school.operator().school_office("3121042101").await.unwrap();
    let _ = classes.act(move |_| Ok(qinghe::roster::OpenClass { cohort: Cohort(2026), number: 3 })).await.unwrap();
}

#[actix_web::test]
async fn classes_are_grouped_anew_from_a_sheet_in_one_act_from_a_day_on() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let header = ["姓名", "原班级", "新班级", "新学号", "学籍号"];
    let go = async |rows: &[Vec<&str>], on: &str| {
        office.upload("/office/regroup", "分班.xlsx", &sheet(&header, rows), &[("on", on)]).await
    };
    let before = school.count("movement") + school.count("enrolment") + school.count("journal");
    for (row, words) in [
        (vec!["李沐阳", "八年级(1)班", "八年级(9)班", "", ""], "本校这学年没有“八年级(9)班”"),
        (vec!["没这人", "八年级(1)班", "八年级(2)班", "", ""], "本校现在没有这位学生"),
        (vec!["李沐阳", "八年级(1)班", "八年级(2)班", "1", ""], "新班里的 1 号已经有人"),
        (vec!["李沐阳", "八年级(1)班", "八年级(2)班", "百", ""], "新学号应是 1 到 99"),
        (vec!["别的名", "", "八年级(2)班", "", &number_of(1, 1)], "叫“李沐阳”"),
    ] {
        let answer = go(std::slice::from_ref(&row), "2027-01-05").await;
        assert!(answer.text.contains(words) && answer.hidden("token").is_none(), "{row:?}: {}", answer.text);
    }
    let far = go(&[vec!["李沐阳", "八年级(1)班", "八年级(2)班", "", ""]], "2028-01-05").await;
    assert!(far.status == 422 && far.text.contains("前后两个月"), "{}", far.text);
    assert_eq!(school.count("movement") + school.count("enrolment") + school.count("journal"), before);

    // Li and zhao change places; guan follows and sits where there is room; chen stays.
    let rows = vec![
        vec!["李沐阳", "八年级(1)班", "八年级(2)班", "1", ""],
        vec!["赵清如", "八(2)班", "801", "1", ""],
        vec!["关雪晴", "八年级(1)班", "八年级(2)班", "", ""],
        vec!["陈𠮷䶮", "八年级(1)班", "八年级(1)班", "", ""],
    ];
    let plan = go(&rows, "2027-01-05").await;
    assert!(plan.text.contains("3 人换班或换学号") && plan.text.contains("不变"), "{}", plan.text);
    let token = plan.hidden("token").unwrap().to_owned();
    let far = school.sign_in("office2").await.post("/office/regroup/take", &[("token", &token)]).await;
    assert_eq!(far.status, 422, "another school has no such plan");
    let done = office.post("/office/regroup/take", &[("token", &token)]).await;
    assert_eq!(done.location, "/office/regroup?done=3", "{}", done.text);
    assert_eq!(office.post("/office/regroup/take", &[("token", &token)]).await.status, 422, "once");
    let list = async |class, day: &str| office.get(&format!("/office/classes/{class}/list?on={day}")).await.text;
    let today = list(school.map.class, "2027-01-04").await;
    assert!(today.contains("李沐阳") && !today.contains("赵清如"), "the day before all is as it was: {today}");
    let then = list(school.map.other_class, "2027-01-05").await;
    assert!(then.contains("李沐阳") && then.contains("关雪晴") && !then.contains("赵清如"), "{then}");
    let history = office.get(&format!("/office/pupils/{}", school.map.guan)).await.text;
    assert!(history.contains("重新分班"), "{history}");
    assert_eq!(school.count("journal WHERE verb = 'classes_regrouped'"), 1);
}

#[actix_web::test]
async fn who_has_graduated_is_found_as_graduated_and_the_account_of_nothing_else_is_closed() {
    let school = School::open();
    let operated = school.operator().school_office("3121042101").await.unwrap();
    let class = operated.act(move |_| Ok(qinghe::roster::OpenClass { cohort: Cohort(2024), number: 1 })).await.unwrap();
    let new = crate::support::pupil("毕业生", 1, 60, qinghe::names::Sex::Female);
    let act = qinghe::roster::AdmitPupil::new(&operated.house().keys, class, new);
    let student = operated.act(move |_| Ok(act)).await.unwrap();
    let who = qinghe::roster::Appointment::New(qinghe::account::NewAccount {
        login: qinghe::account::Login::parse("leaver").unwrap(),
        name: "毕业生".to_owned(),
    });
    operated.act(move |_| Ok(qinghe::roster::BindGuardian { who, student, relation: None })).await.unwrap();
    let found = async || {
        let office = school.sign_in_now("office1").await;
        office.get("/office/pupils?q=biyesheng").await.text
    };
    assert!(found().await.contains("在班"));
    school.clock.set("2027-03-02T09:00:00".parse().unwrap());
    school.sign_in_now("office1").await.post("/office/opening", &[("term", "2026-2"), ("new_classes", "0")]).await;
    school.clock.set("2027-09-02T09:00:00".parse().unwrap());
    let office = school.sign_in_now("office1").await;
    assert!(office.get("/office/opening").await.text.contains("毕业生"), "the page lists whose account ends");
    let form = [("term", "2027-1"), ("new_classes", "1"), ("close_leavers", "yes")];
    assert_eq!(office.post("/office/opening", &form).await.status, 303);
    let page = found().await;
    assert!(page.contains("已毕业") && !page.contains(">在班<"), "{page}");
    assert_eq!(school.count("enrolment WHERE left_on IS NOT NULL"), 1, "only who graduated left");
    assert_eq!(school.count("account WHERE login = 'leaver' AND disabled_at IS NOT NULL"), 1);
    let file = format!("/office/pupils/{student}");
    assert!(office.get(&file).await.text.contains("已毕业"));
    let refused = office.post(&file, &[("kind", "move_out"), ("on", "2027-09-02"), ("reason", "要走")]).await;
    assert!(refused.status == 422 && refused.text.contains("已毕业"), "{} {}", refused.status, refused.text);
}
